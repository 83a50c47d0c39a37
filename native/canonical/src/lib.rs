//! RFC 8785 (JSON Canonicalization Scheme): one sequence of bytes for one value, and so one hash.
//!
//! It writes values; it neither parses them (`chartly-json` does) nor decides which of them may be written.
//!
//! ```
//! assert_eq!(chartly_canonical::canonicalize(br#"{"b": 1.50, "a": "\u00e9"}"#)?, "{\"a\":\"é\",\"b\":1.5}".as_bytes());
//! # Ok::<(), chartly_canonical::CanonicalError>(())
//! ```

mod document;
mod error;
mod key;
mod number;
mod string;
mod value;

pub use document::canonicalize;
pub use error::CanonicalError;
pub use key::compare_keys;
pub use number::{Precision, write_double, write_number};
pub use string::write_string;
pub use value::write_value;
