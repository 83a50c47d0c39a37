//! `parse_check`: check whether bytes are JSON, at any depth, without building a tree.

use std::borrow::Cow;

use crate::drive::{Sink, drive};
use crate::{Limits, ParseError, Span};

struct Nothing;

impl<'a> Sink<'a> for Nothing {
    const WANTS_TEXT: bool = false;
    fn null(&mut self, _: Span) {}
    fn bool(&mut self, _: bool, _: Span) {}
    fn number(&mut self, _: &'a str, _: Span) {}
    fn string(&mut self, _: Cow<'a, str>, _: Span) {}
    fn key(&mut self, _: Cow<'a, str>, _: Span) {}
    fn open(&mut self, _: bool, _: usize) {}
    fn close(&mut self, _: bool, _: usize) {}
}

/// Check that `bytes` are one JSON text of RFC 8259 within I-JSON's rules on encoding.
///
/// Depth is not limited. Repeated keys are accepted: they are malformed only in an object that is read.
///
/// # Errors
/// [`ParseError::Malformed`] with the first error; [`ParseError::TooLarge`] beyond 4 GiB.
///
/// ```
/// use chartly_json::{ParseError, Rule, parse_check};
///
/// assert_eq!(parse_check(br#"{"a": [1.5e3, "\ud83d\ude00"]}"#), Ok(()));
/// assert_eq!(parse_check(b"[01]"), Err(ParseError::Malformed { offset: 2, rule: Rule::InvalidNumber }));
/// ```
pub fn parse_check(bytes: &[u8]) -> Result<(), ParseError> {
    parse_check_within(bytes, Limits { depth_max: usize::MAX, bytes_max: u32::MAX as usize })
}

/// Check within limits. The result is that of [`crate::parse`], without building a tree.
///
/// # Errors
/// The first error, or the exceeded limit.
pub fn parse_check_within(bytes: &[u8], limits: Limits) -> Result<(), ParseError> {
    drive(bytes, limits, &mut Nothing)
}
