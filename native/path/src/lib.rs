//! RFC 9535 `JSONPath`: the complete parser and evaluator over `chartly-json` trees.
//!
//! It selects nodes and doesn't know profiles. It also offers what a plan needs: whether a query is a chain of names
//! and indexes ([`Query::as_singular`]), and which repeated key a query would have read
//! ([`Query::first_duplicate_read`]).
//!
//! ```
//! use chartly_json::{Limits, Value, parse};
//! use chartly_path::Query;
//!
//! let query = Query::parse("$.items[?@.price < 10].name")?;
//! let page = parse(br#"{"items": [{"name": "tea", "price": 4}, {"name": "pot", "price": 40}]}"#, Limits::default())?;
//! let names: Vec<_> = query.select(&page).into_iter().filter_map(|node| node.value.as_str()).collect();
//! assert_eq!(names, ["tea"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ast;
mod effort;
mod error;
mod evaluate;
mod iregexp;
mod normalized;
mod parse;
mod query;
mod reads;
mod step;

pub use effort::{Effort, EffortExceeded};
pub use error::{PathError, PathRule};
pub use evaluate::Located;
pub use normalized::NormalizedPath;
pub use query::Query;
pub use step::Step;
