//! Literals: strings in either quote, numbers, `true`, `false`, `null`, and the integers of indexes and slices.

use chartly_json::Value;

use super::cursor::Cursor;
use crate::{PathError, PathRule};

/// RFC 9535 §2.1: integers are within the range that I-JSON calls exact.
const INTEGER_MAX: i64 = (1 << 53) - 1;

/// Parse an integer without leading zeros, other than `-0`.
pub(super) fn integer(cursor: &mut Cursor<'_>) -> Result<i64, PathError> {
    let start = cursor.position();
    let negative = cursor.take(b'-');
    let digits_start = cursor.position();
    cursor.take_while(|byte| byte.is_ascii_digit());
    let digits = cursor.since(digits_start);
    let error = |rule| PathError { position: start, rule };
    if digits.is_empty() || (digits.starts_with('0') && (digits.len() > 1 || negative)) {
        return Err(error(PathRule::InvalidInteger));
    }
    match cursor.since(start).parse::<i64>() {
        Ok(value) if value.abs() <= INTEGER_MAX => Ok(value),
        _ => Err(error(PathRule::IntegerRange)),
    }
}

/// Parse a literal to compare with, if one is next.
pub(super) fn literal(cursor: &mut Cursor<'_>) -> Result<Option<Value<'static>>, PathError> {
    match cursor.peek() {
        Some(b'\'' | b'"') => Ok(Some(Value::String(string(cursor)?.into()))),
        Some(b'-' | b'0'..=b'9') => number(cursor).map(Some),
        _ => Ok(word(cursor)),
    }
}

/// Parse `true`, `false` or `null`, unless it is the start of a longer name.
fn word(cursor: &mut Cursor<'_>) -> Option<Value<'static>> {
    let start = cursor.position();
    cursor.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let value = match cursor.since(start) {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => {
            cursor.rewind(start);
            return None;
        }
    };
    Some(value)
}

fn number(cursor: &mut Cursor<'_>) -> Result<Value<'static>, PathError> {
    let start = cursor.position();
    match chartly_json::number::grammar::end_of_number(cursor.rest().as_bytes(), 0) {
        Ok(length) => {
            cursor.rewind(start + length);
            Ok(Value::Number(cursor.since(start).to_owned().into()))
        }
        Err(_) => Err(cursor.error(PathRule::InvalidNumber)),
    }
}

/// Parse a string in either kind of quotes and return its value.
pub(super) fn string(cursor: &mut Cursor<'_>) -> Result<String, PathError> {
    let quote = cursor.next_char();
    let mut text = String::new();
    loop {
        let position = cursor.position();
        let error = |rule| PathError { position, rule };
        match cursor.next_char() {
            None => return Err(error(PathRule::StringUnclosed)),
            close if close == quote => return Ok(text),
            Some('\\') => text.push(escape(cursor, quote).ok_or(error(PathRule::InvalidEscape))?),
            Some('\0'..='\u{1f}') => return Err(error(PathRule::ControlCharacter)),
            Some(character) => text.push(character),
        }
    }
}

/// Parse an escape after its backslash and return its character. A quote is escaped only within its own kind.
fn escape(cursor: &mut Cursor<'_>, quote: Option<char>) -> Option<char> {
    match cursor.next_char()? {
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        character @ ('/' | '\\') => Some(character),
        'u' => unicode(cursor),
        character if Some(character) == quote => Some(character),
        _ => None,
    }
}

fn unicode(cursor: &mut Cursor<'_>) -> Option<char> {
    let first = hex4(cursor)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first);
    }
    if !cursor.take_text("\\u") {
        return None;
    }
    let second = hex4(cursor).filter(|second| (0xdc00..0xe000).contains(second))?;
    char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
}

fn hex4(cursor: &mut Cursor<'_>) -> Option<u32> {
    let mut value = 0;
    for _ in 0..4 {
        value = value * 16 + cursor.next_char()?.to_digit(16)?;
    }
    Some(value)
}
