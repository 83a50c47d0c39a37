//! Selectors within brackets: names, wildcards, indexes, slices and filters.

use super::cursor::Cursor;
use super::filter::logical;
use super::literal::{integer, string};
use crate::ast::{Selector, Slice};
use crate::{PathError, PathRule};

/// Parse `[selector, …]`, starting at the bracket.
pub(super) fn bracketed(cursor: &mut Cursor<'_>) -> Result<Vec<Selector>, PathError> {
    cursor.take(b'[');
    let mut selectors = Vec::new();
    loop {
        cursor.skip_whitespace();
        selectors.push(selector(cursor)?);
        cursor.skip_whitespace();
        if cursor.take(b']') {
            return Ok(selectors);
        }
        if !cursor.take(b',') {
            return Err(cursor.error(PathRule::BracketUnclosed));
        }
    }
}

fn selector(cursor: &mut Cursor<'_>) -> Result<Selector, PathError> {
    match cursor.peek() {
        Some(b'\'' | b'"') => Ok(Selector::Name(string(cursor)?)),
        Some(b'*') => {
            cursor.take(b'*');
            Ok(Selector::Wildcard)
        }
        Some(b'?') => {
            cursor.take(b'?');
            cursor.skip_whitespace();
            Ok(Selector::Filter(cursor.deeper(logical)?))
        }
        Some(b'-' | b'0'..=b'9' | b':') => index_or_slice(cursor),
        _ => Err(cursor.error(PathRule::SelectorExpected)),
    }
}

fn index_or_slice(cursor: &mut Cursor<'_>) -> Result<Selector, PathError> {
    let first = optional_integer(cursor)?;
    let after_first = cursor.position();
    cursor.skip_whitespace();
    if !cursor.take(b':') {
        cursor.rewind(after_first);
        return first.map(Selector::Index).ok_or_else(|| cursor.error(PathRule::InvalidInteger));
    }
    cursor.skip_whitespace();
    let end = optional_integer(cursor)?;
    cursor.skip_whitespace();
    let mut step = None;
    if cursor.take(b':') {
        cursor.skip_whitespace();
        step = optional_integer(cursor)?;
    }
    Ok(Selector::Slice(Slice { start: first, end, step: step.unwrap_or(1) }))
}

fn optional_integer(cursor: &mut Cursor<'_>) -> Result<Option<i64>, PathError> {
    match cursor.peek() {
        Some(b'-' | b'0'..=b'9') => integer(cursor).map(Some),
        _ => Ok(None),
    }
}
