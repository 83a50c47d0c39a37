//! The parse tree of a query. The parser has checked its types, so the evaluator needs no error cases.

use chartly_json::Value;
use regex::Regex;

use crate::iregexp::{self, Reach};

/// One segment: selectors that are applied to a node, or to it and all its descendants.
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

/// `start:end:step` as the query states them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
    pub(crate) step: i64,
}

/// A query within a filter.
#[derive(Debug, Clone)]
pub(crate) struct FilterQuery {
    /// Whether it starts at the document's root (`$`) rather than at the node under test (`@`).
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

/// A pattern of the query, or one that is computed from the document.
#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    /// Compiled once; `None` when it is not an I-Regexp.
    Fixed(Option<Regex>),
    Computed {
        text: Comparable,
        reach: Reach,
    },
}

impl Pattern {
    pub(crate) fn fixed(text: &str, reach: Reach) -> Self {
        Self::Fixed(iregexp::compile(text, reach))
    }

    pub(crate) fn computed(text: Comparable, reach: Reach) -> Self {
        Self::Computed { text, reach }
    }
}

/// A call of a function that returns a value (RFC 9535 §2.4), its arguments well typed. `match` and `search` return a truth;
/// they are [`Logical::Matches`].
#[derive(Debug, Clone)]
pub(crate) enum Function {
    /// Characters of a string, elements of an array, members of an object; nothing for other values.
    Length(Comparable),
    /// How many nodes the query selects.
    Count(FilterQuery),
    /// The value of the one node that the query selects; nothing when there are none or several.
    Value(FilterQuery),
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
