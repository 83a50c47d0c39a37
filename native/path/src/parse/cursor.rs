//! The parser's position. It moves and reports positions, and knows no grammar except whitespace.

use crate::{PathError, PathRule};

/// The deepest nesting of filters, parentheses and functions. Only generated queries nest deeper than a few levels. The
/// parser and the evaluator are recursive, and this keeps both far from the end of a thread's stack.
const NESTING_MAX: usize = 64;

pub(super) struct Cursor<'t> {
    text: &'t str,
    position: usize,
    nesting: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, position: 0, nesting: 0 }
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Go back to an earlier position of this cursor.
    pub(super) fn rewind(&mut self, position: usize) {
        self.position = position;
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.position..]
    }

    /// Return the text from an earlier position of this cursor to the current one.
    pub(super) fn since(&self, start: usize) -> &'t str {
        &self.text[start..self.position]
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    pub(super) fn peek_char(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next_char(&mut self) -> Option<char> {
        let character = self.peek_char()?;
        self.position += character.len_utf8();
        Some(character)
    }

    /// Move past this ASCII byte and return true, if it is next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let stands = self.peek() == Some(byte);
        self.position += usize::from(stands);
        stands
    }

    /// Move past this text and return true, if it is next.
    pub(super) fn take_text(&mut self, text: &str) -> bool {
        let stands = self.rest().starts_with(text);
        if stands {
            self.position += text.len();
        }
        stands
    }

    /// Move past ASCII bytes that satisfy `is_wanted`.
    pub(super) fn take_while(&mut self, is_wanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&is_wanted) {
            self.position += 1;
        }
    }

    pub(super) fn at_whitespace(&self) -> bool {
        matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    pub(super) fn skip_whitespace(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    pub(super) fn rest_is_whitespace(&self) -> bool {
        self.rest().bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
    }

    pub(super) fn error(&self, rule: PathRule) -> PathError {
        PathError { position: self.position, rule }
    }

    /// Parse something one level deeper, within the limit on nesting.
    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, PathError>) -> Result<T, PathError> {
        if self.nesting == NESTING_MAX {
            return Err(self.error(PathRule::TooDeep));
        }
        self.nesting += 1;
        let parsed = parse(self);
        self.nesting -= 1;
        parsed
    }
}
