//! The functions that give a value: `length`, `count` and `value` (RFC 9535 §2.4). `match` and `search` give a truth and
//! are part of the filter's logic.

use crate::ast::{Comparable, FilterQuery};

/// A call, its arguments well typed.
#[derive(Debug, Clone)]
pub(crate) enum Function {
    /// Characters of a string, elements of an array, members of an object; nothing for other values.
    Length(Comparable),
    /// How many nodes the query selects.
    Count(FilterQuery),
    /// The value of the one node that the query selects; nothing when there are none or several.
    Value(FilterQuery),
}
