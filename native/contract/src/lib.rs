//! JSON Schema 2020-12 with formats asserted: a complete engine that reports every violation with its places.
//!
//! A contract is compiled once and is immutable. It validates `chartly-json` values. It neither parses records nor
//! decides what happens to an invalid one.

mod circular_reference;
mod compile;
mod contract;
mod dialect;
mod error;
mod format;
mod ids;
mod keyword;
mod marks;
mod metaschema;
mod names;
mod options;
mod pattern;
mod place;
mod registry;
mod schema;
mod shape;
#[cfg(test)]
mod testing;
mod violation;

pub use contract::Contract;
pub use error::{ContractError, PatternProblem};
pub use format::{COLUMN_DATE, COLUMN_DATE_RANGE, COLUMN_INSTANT, COLUMN_INSTANT_RANGE, Format};
pub use options::{Options, Resources};
pub use pattern::Pattern;
pub use shape::{Bound, Check, ClosedTo, ObjectShape, PropertyShape, RequiredNames, Rule, Types};
pub use violation::Violation;
