//! A parsed query. Types are checked by the parser, so that the evaluator has no case that cannot be.

use chartly_json::Value;

use crate::function::Function;
use crate::iregexp::Pattern;

/// One segment: selectors that are tried on a node, or on it and all its descendants.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) descendant: bool,
    pub(crate) selectors: Vec<Selector>,
}

#[derive(Debug, Clone)]
pub(crate) enum Selector {
    Name(String),
    Wildcard,
    Index(i64),
    Slice(Slice),
    Filter(Logical),
}

/// `start:end:step`, each as it stood.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
    pub(crate) step: i64,
}

/// A query within a filter.
#[derive(Debug, Clone)]
pub(crate) struct FilterQuery {
    /// Whether it starts at the document's root (`$`), not at the node under test (`@`).
    pub(crate) absolute: bool,
    pub(crate) segments: Vec<Segment>,
}

#[derive(Debug, Clone)]
pub(crate) enum Logical {
    Or(Vec<Logical>),
    And(Vec<Logical>),
    Not(Box<Logical>),
    Exists(FilterQuery),
    Compare { left: Comparable, operator: Operator, right: Comparable },
    Matches(Box<Matches>),
}

/// `match(subject, pattern)`, or `search` when the pattern may match a part.
#[derive(Debug, Clone)]
pub(crate) struct Matches {
    pub(crate) subject: Comparable,
    pub(crate) pattern: Pattern,
}

#[derive(Debug, Clone)]
pub(crate) enum Comparable {
    Literal(Value<'static>),
    Singular(FilterQuery),
    Function(Box<Function>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
