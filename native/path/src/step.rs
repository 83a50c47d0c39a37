//! A step of a singular query: one name or one index (RFC 9535 §2.3.5.1).

use crate::ast::{Segment, Selector};

/// One step of a query that selects at most one node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// The member of an object.
    Name(String),
    /// The element of an array; a negative index counts from the end.
    Index(i64),
}

/// Return the segment as one step, if it is one.
pub(crate) fn as_step(segment: &Segment) -> Option<Step> {
    match (segment.descendant, segment.selectors.as_slice()) {
        (false, [Selector::Name(name)]) => Some(Step::Name(name.clone())),
        (false, [Selector::Index(index)]) => Some(Step::Index(*index)),
        _ => None,
    }
}
