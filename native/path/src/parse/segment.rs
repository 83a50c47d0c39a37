//! Segments: `.name`, `.*`, `[…]`, and each after `..`.

use super::cursor::Cursor;
use super::selector::bracketed;
use crate::ast::{Segment, Selector};
use crate::{PathError, PathRule};

/// Parse all segments that follow. Whitespace is consumed only if a segment comes after it.
pub(super) fn segments(cursor: &mut Cursor<'_>) -> Result<Vec<Segment>, PathError> {
    let mut segments = Vec::new();
    loop {
        let before_whitespace = cursor.position();
        cursor.skip_whitespace();
        match cursor.peek() {
            Some(b'[') => segments.push(Segment { descendant: false, selectors: bracketed(cursor)? }),
            Some(b'.') => segments.push(dotted(cursor)?),
            _ => {
                cursor.rewind(before_whitespace);
                return Ok(segments);
            }
        }
    }
}

fn dotted(cursor: &mut Cursor<'_>) -> Result<Segment, PathError> {
    cursor.take(b'.');
    let descendant = cursor.take(b'.');
    let selectors = match cursor.peek_char() {
        Some('*') => {
            cursor.take(b'*');
            vec![Selector::Wildcard]
        }
        Some('[') if descendant => bracketed(cursor)?,
        Some(first) if starts_name(first) => vec![Selector::Name(shorthand(cursor).to_owned())],
        _ => return Err(cursor.error(PathRule::NameExpected)),
    };
    Ok(Segment { descendant, selectors })
}

/// Parse a member name without quotes, whose first character has been checked.
fn shorthand<'t>(cursor: &mut Cursor<'t>) -> &'t str {
    let start = cursor.position();
    while cursor.peek_char().is_some_and(|character| starts_name(character) || character.is_ascii_digit()) {
        cursor.next_char();
    }
    cursor.since(start)
}

fn starts_name(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}
