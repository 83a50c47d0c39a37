//! Why a text is not a query. The error names the rule and the place for the author of the profile.

/// The first error of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at byte {position}: {rule}")]
pub struct PathError {
    /// Offset in bytes from the query's start.
    pub position: usize,
    /// The broken rule.
    pub rule: PathRule,
}

/// The rules of RFC 9535 that a query can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathRule {
    /// The query doesn't start with `$`.
    #[error("a query starts with '$'")]
    RootMissing,
    /// Something other than a segment follows.
    #[error("a segment ('.name', '[…]' or '..') or the end of the query is expected")]
    SegmentExpected,
    /// Whitespace stands before or after the query.
    #[error("whitespace is not allowed before or after the query")]
    Whitespace,
    /// No name, `*` or bracket follows `.` or `..`.
    #[error("a name or '*' is expected after the dot")]
    NameExpected,
    /// No selector follows within brackets.
    #[error("a selector is expected: a quoted name, an index, a slice, '*' or '?'")]
    SelectorExpected,
    /// A bracketed selection is neither closed nor continued.
    #[error("',' or ']' is expected")]
    BracketUnclosed,
    /// A string literal has no closing quote.
    #[error("the string is not closed")]
    StringUnclosed,
    /// An escape in a string literal is not one of RFC 9535's.
    #[error("the escape is not valid in a string literal")]
    InvalidEscape,
    /// A string literal has a raw control character.
    #[error("a control character must be escaped")]
    ControlCharacter,
    /// An index or a part of a slice is no integer, or has a leading zero or `-0`.
    #[error("an integer without leading zeros is expected")]
    InvalidInteger,
    /// An index or a part of a slice is beyond ±(2^53 - 1).
    #[error("the integer is beyond ±(2^53 - 1)")]
    IntegerRange,
    /// A number literal breaks the grammar.
    #[error("the number is not valid")]
    InvalidNumber,
    /// No expression follows in a filter.
    #[error("a query, function, literal, '!' or '(' is expected in a filter")]
    ExpressionExpected,
    /// A parenthesis is not closed.
    #[error("')' is expected")]
    ParenthesisUnclosed,
    /// A literal, or a function that returns a value, stands where a test is needed.
    #[error("a comparison is expected: a value alone is not a test")]
    ComparisonExpected,
    /// A query that can select several nodes is compared.
    #[error("only a query that selects at most one node can be compared")]
    NotSingular,
    /// A test is compared.
    #[error("a function that returns true or false cannot be compared")]
    NotComparable,
    /// A function is not known.
    #[error("unknown function; known are length, count, match, search and value")]
    UnknownFunction,
    /// A function has too few or too many arguments.
    #[error("the function has a different number of arguments")]
    ArgumentCount,
    /// An argument has a type that the function doesn't take.
    #[error("the argument has the wrong type for the function")]
    ArgumentType,
    /// Filters or parentheses are nested beyond the limit.
    #[error("the filter is nested too deeply")]
    TooDeep,
}
