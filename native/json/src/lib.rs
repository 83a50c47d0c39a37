//! Strict JSON: RFC 8259 within I-JSON (RFC 7493), as a tree that keeps the places of values in the raw bytes.
//!
//! This crate decides what a record *is*: which bytes are JSON, where a value is, which keys repeat, and whether a
//! double can hold a number. It does not decide how canonical bytes are written; that is `chartly-canonical`.
//!
//! ```
//! use chartly_json::{Limits, Value, parse};
//!
//! let node = parse(br#"{"price": 19.90, "tags": ["a"]}"#, Limits::default())?;
//! let object = node.value.as_object().ok_or("an object")?;
//! let price = object.get("price").ok_or("a price")?;
//! assert!(matches!(&price.value, Value::Number(text) if text == "19.90"));
//! assert_eq!((price.span.start, price.span.end), (10, 15));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod check;
mod drive;
mod duplicates;
mod equal;
mod error;
mod escape;
mod limits;
mod nesting;
pub mod number;
pub mod scan;
mod span;
pub mod text;
mod value;

pub use build::parse;
pub use check::{parse_check, parse_check_within};
pub use duplicates::Duplicate;
pub use error::{ParseError, Rule};
pub use limits::{DEPTH_CEILING, Limits};
pub use number::NumberError;
pub use span::Span;
pub use value::{Member, Node, Object, Value};
