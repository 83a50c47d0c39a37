//! Filters: logical expressions, comparisons and tests, in RFC 9535's order of precedence.

use super::cursor::Cursor;
use super::function::{Call, call};
use super::literal::literal;
use super::segment::segments;
use crate::ast::{Comparable, FilterQuery, Logical, Operator};
use crate::step::as_step;
use crate::{PathError, PathRule};

/// Parse `a && b || c`.
pub(super) fn logical(cursor: &mut Cursor<'_>) -> Result<Logical, PathError> {
    let mut alternatives = vec![conjunction(cursor)?];
    while operator_follows(cursor, "||") {
        alternatives.push(conjunction(cursor)?);
    }
    Ok(single_or(alternatives, Logical::Or))
}

fn conjunction(cursor: &mut Cursor<'_>) -> Result<Logical, PathError> {
    let mut conditions = vec![basic(cursor)?];
    while operator_follows(cursor, "&&") {
        conditions.push(basic(cursor)?);
    }
    Ok(single_or(conditions, Logical::And))
}

fn single_or(mut parts: Vec<Logical>, join: impl FnOnce(Vec<Logical>) -> Logical) -> Logical {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => join(parts.into_iter().chain(last).collect()),
    }
}

/// Move past this operator and the whitespace around it, and return true, if it is next.
fn operator_follows(cursor: &mut Cursor<'_>, operator: &str) -> bool {
    let start = cursor.position();
    cursor.skip_whitespace();
    let follows = cursor.take_text(operator);
    if follows {
        cursor.skip_whitespace();
    } else {
        cursor.rewind(start);
    }
    follows
}

fn basic(cursor: &mut Cursor<'_>) -> Result<Logical, PathError> {
    if cursor.take(b'!') {
        cursor.skip_whitespace();
        let negated = if cursor.peek() == Some(b'(') { parenthesized(cursor)? } else { test(cursor)? };
        return Ok(Logical::Not(Box::new(negated)));
    }
    if cursor.peek() == Some(b'(') {
        return parenthesized(cursor);
    }
    comparison_or_test(cursor)
}

fn parenthesized(cursor: &mut Cursor<'_>) -> Result<Logical, PathError> {
    cursor.take(b'(');
    cursor.skip_whitespace();
    let inner = cursor.deeper(logical)?;
    cursor.skip_whitespace();
    if cursor.take(b')') { Ok(inner) } else { Err(cursor.error(PathRule::ParenthesisUnclosed)) }
}

/// Parse a test without comparison, as it may follow `!`.
fn test(cursor: &mut Cursor<'_>) -> Result<Logical, PathError> {
    let start = cursor.position();
    as_test(operand(cursor)?, start)
}

fn comparison_or_test(cursor: &mut Cursor<'_>) -> Result<Logical, PathError> {
    let left_start = cursor.position();
    let left = operand(cursor)?;
    let after_left = cursor.position();
    cursor.skip_whitespace();
    let Some(operator) = operator(cursor) else {
        cursor.rewind(after_left);
        return as_test(left, left_start);
    };
    let left = as_comparable(left, left_start)?;
    cursor.skip_whitespace();
    let right_start = cursor.position();
    let right = as_comparable(operand(cursor)?, right_start)?;
    Ok(Logical::Compare { left, operator, right })
}

fn operator(cursor: &mut Cursor<'_>) -> Option<Operator> {
    let operators = [
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ];
    operators.into_iter().find_map(|(text, operator)| cursor.take_text(text).then_some(operator))
}

/// A side of a comparison, or a function's argument, before its type is checked.
pub(super) enum Operand {
    Comparable(Comparable),
    Query(FilterQuery),
    Test(Logical),
}

pub(super) fn operand(cursor: &mut Cursor<'_>) -> Result<Operand, PathError> {
    if let Some(value) = literal(cursor)? {
        return Ok(Operand::Comparable(Comparable::Literal(value)));
    }
    match cursor.peek() {
        Some(b'@' | b'$') => query(cursor).map(Operand::Query),
        Some(b'a'..=b'z') => Ok(match cursor.deeper(call)? {
            Call::Value(function) => Operand::Comparable(Comparable::Function(Box::new(function))),
            Call::Test(matches) => Operand::Test(Logical::Matches(Box::new(matches))),
        }),
        _ => Err(cursor.error(PathRule::ExpressionExpected)),
    }
}

fn query(cursor: &mut Cursor<'_>) -> Result<FilterQuery, PathError> {
    let absolute = cursor.take(b'$');
    if !absolute {
        cursor.take(b'@');
    }
    Ok(FilterQuery { absolute, segments: segments(cursor)? })
}

fn as_test(operand: Operand, position: usize) -> Result<Logical, PathError> {
    match operand {
        Operand::Query(query) => Ok(Logical::Exists(query)),
        Operand::Test(test) => Ok(test),
        Operand::Comparable(_) => Err(PathError { position, rule: PathRule::ComparisonExpected }),
    }
}

/// Return an operand as a single value, or an error.
pub(super) fn as_comparable(operand: Operand, position: usize) -> Result<Comparable, PathError> {
    match operand {
        Operand::Comparable(comparable) => Ok(comparable),
        Operand::Query(query) if query.segments.iter().all(|segment| as_step(segment).is_some()) => {
            Ok(Comparable::Singular(query))
        }
        Operand::Query(_) => Err(PathError { position, rule: PathRule::NotSingular }),
        Operand::Test(_) => Err(PathError { position, rule: PathRule::NotComparable }),
    }
}
