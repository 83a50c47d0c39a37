//! Calls of functions: their names, the number and the types of their arguments (RFC 9535 §2.4.3).

use chartly_json::Value;

use super::cursor::Cursor;
use super::filter::{Operand, as_comparable, operand};
use crate::ast::{Comparable, FilterQuery, Function, Matches, Pattern};
use crate::iregexp::Reach;
use crate::{PathError, PathRule};

/// A well-typed call.
pub(super) enum Call {
    Value(Function),
    Test(Matches),
}

/// An argument and where it starts.
type Argument = (Operand, usize);

pub(super) fn call(cursor: &mut Cursor<'_>) -> Result<Call, PathError> {
    let start = cursor.position();
    cursor.take_while(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let name = cursor.since(start);
    if cursor.peek() != Some(b'(') {
        return Err(PathError { position: start, rule: PathRule::ExpressionExpected });
    }
    let arguments = arguments(cursor)?;
    let count_error = PathError { position: start, rule: PathRule::ArgumentCount };
    match name {
        "length" => Ok(Call::Value(Function::Length(value(one(arguments, count_error)?)?))),
        "count" => Ok(Call::Value(Function::Count(nodes(one(arguments, count_error)?)?))),
        "value" => Ok(Call::Value(Function::Value(nodes(one(arguments, count_error)?)?))),
        "match" => matches(arguments, Reach::Whole, count_error),
        "search" => matches(arguments, Reach::Part, count_error),
        _ => Err(PathError { position: start, rule: PathRule::UnknownFunction }),
    }
}

fn arguments(cursor: &mut Cursor<'_>) -> Result<Vec<Argument>, PathError> {
    cursor.take(b'(');
    cursor.skip_whitespace();
    let mut arguments = Vec::new();
    if cursor.take(b')') {
        return Ok(arguments);
    }
    loop {
        let position = cursor.position();
        arguments.push((operand(cursor)?, position));
        cursor.skip_whitespace();
        if cursor.take(b')') {
            return Ok(arguments);
        }
        if !cursor.take(b',') {
            return Err(cursor.error(PathRule::ParenthesisUnclosed));
        }
        cursor.skip_whitespace();
    }
}

fn one(arguments: Vec<Argument>, error: PathError) -> Result<Argument, PathError> {
    <[Argument; 1]>::try_from(arguments).map(|[argument]| argument).map_err(|_| error)
}

fn matches(arguments: Vec<Argument>, reach: Reach, count_error: PathError) -> Result<Call, PathError> {
    let [subject, pattern] = <[Argument; 2]>::try_from(arguments).map_err(|_| count_error)?;
    let subject = value(subject)?;
    let pattern = match value(pattern)? {
        Comparable::Literal(Value::String(text)) => Pattern::fixed(&text, reach),
        other => Pattern::computed(other, reach),
    };
    Ok(Call::Test(Matches { subject, pattern }))
}

fn value((operand, position): Argument) -> Result<Comparable, PathError> {
    as_comparable(operand, position).map_err(|_| PathError { position, rule: PathRule::ArgumentType })
}

fn nodes((operand, position): Argument) -> Result<FilterQuery, PathError> {
    match operand {
        Operand::Query(query) => Ok(query),
        _ => Err(PathError { position, rule: PathRule::ArgumentType }),
    }
}
