//! The parser of queries: one module for each part of the grammar. It accepts exactly the well-formed, well-typed
//! queries of RFC 9535.

mod cursor;
mod filter;
mod function;
mod literal;
mod segment;
mod selector;

use crate::ast::Segment;
use crate::{PathError, PathRule};
use cursor::Cursor;

/// Parse a whole query.
pub(crate) fn query(text: &str) -> Result<Vec<Segment>, PathError> {
    let mut cursor = Cursor::new(text);
    if cursor.at_whitespace() {
        return Err(cursor.error(PathRule::Whitespace));
    }
    if !cursor.take(b'$') {
        return Err(cursor.error(PathRule::RootMissing));
    }
    let segments = segment::segments(&mut cursor)?;
    match cursor.peek() {
        None => Ok(segments),
        Some(_) if cursor.rest_is_whitespace() => Err(cursor.error(PathRule::Whitespace)),
        Some(_) => Err(cursor.error(PathRule::SegmentExpected)),
    }
}
