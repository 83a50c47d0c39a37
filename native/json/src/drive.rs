//! The grammar. It reads the bytes without recursion and reports each token to a sink; it builds nothing itself.

use std::borrow::Cow;

use crate::nesting::Nesting;
use crate::{Limits, ParseError, Rule, Span, escape, number, text};

/// Receives the tokens of the grammar in document order.
pub(crate) trait Sink<'a> {
    /// Whether strings are passed on unescaped. A checker doesn't need them, and saves the copy.
    const WANTS_TEXT: bool;
    fn null(&mut self, span: Span);
    fn bool(&mut self, truth: bool, span: Span);
    fn number(&mut self, text: &'a str, span: Span);
    fn string(&mut self, text: Cow<'a, str>, span: Span);
    fn key(&mut self, text: Cow<'a, str>, span: Span);
    fn open(&mut self, is_object: bool, offset: usize);
    fn close(&mut self, is_object: bool, offset_after: usize);
}

/// Read one JSON text within limits. The error is the first one in the order of bytes.
pub(crate) fn drive<'a, S: Sink<'a>>(bytes: &'a [u8], limits: Limits, sink: &mut S) -> Result<(), ParseError> {
    if bytes.len() > limits.bytes_max {
        return Err(ParseError::TooLarge { bytes: bytes.len(), bytes_max: limits.bytes_max });
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(ParseError::malformed(0, Rule::ByteOrderMark));
    }
    match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => Driver::new(text, limits).run(sink),
        Err(error) => Err(first_of_prefix(bytes, error.valid_up_to(), limits, sink)),
    }
}

/// Return the first error of an input whose bytes are valid UTF-8 only up to `valid_bytes`: one before that offset, or
/// the invalid UTF-8.
fn first_of_prefix<'a, S: Sink<'a>>(bytes: &'a [u8], valid_bytes: usize, limits: Limits, sink: &mut S) -> ParseError {
    let not_utf8 = ParseError::malformed(valid_bytes, Rule::Utf8);
    let Ok(prefix) = std::str::from_utf8(&bytes[..valid_bytes]) else { return not_utf8 };
    match Driver::new(prefix, limits).run(sink) {
        Err(ParseError::Malformed { offset, rule }) if offset < valid_bytes && rule != Rule::UnexpectedEnd => {
            ParseError::malformed(offset, rule)
        }
        Err(deep @ ParseError::DepthExceeded { .. }) => deep,
        _ => not_utf8,
    }
}

struct Driver<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    nesting: Nesting,
    depth_max: usize,
}

/// What the grammar expects next.
enum Next {
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    CommaOrClose,
}

impl<'a> Driver<'a> {
    fn new(text: &'a str, limits: Limits) -> Self {
        let (bytes, depth_max) = (text.as_bytes(), limits.depth_max);
        Self { text, bytes, position: 0, nesting: Nesting::default(), depth_max }
    }

    fn run<S: Sink<'a>>(mut self, sink: &mut S) -> Result<(), ParseError> {
        let mut next = Next::Value;
        loop {
            let byte = self.peek_after_whitespace()?;
            next = match (next, byte) {
                (Next::ValueOrClose, b']') | (Next::KeyOrClose, b'}') => self.close(sink),
                (Next::Value | Next::ValueOrClose, _) => self.value(byte, sink)?,
                (Next::Key | Next::KeyOrClose, b'"') => self.key(sink)?,
                (Next::CommaOrClose, _) => self.after_value(byte, sink)?,
                (Next::Key | Next::KeyOrClose, _) => return Err(self.error(Rule::UnexpectedCharacter)),
            };
            if self.nesting.depth() == 0 {
                return self.finish();
            }
        }
    }

    fn value<S: Sink<'a>>(&mut self, byte: u8, sink: &mut S) -> Result<Next, ParseError> {
        match byte {
            b'{' | b'[' => return self.open(byte == b'{', sink),
            b'"' => {
                let (text, span) = self.string::<S>()?;
                sink.string(text, span);
            }
            b'-' | b'0'..=b'9' => {
                let span = self.number()?;
                sink.number(&self.text[span.range()], span);
            }
            b't' => sink.bool(true, self.word("true")?),
            b'f' => sink.bool(false, self.word("false")?),
            b'n' => sink.null(self.word("null")?),
            _ => return Err(self.error(Rule::UnexpectedCharacter)),
        }
        Ok(Next::CommaOrClose)
    }

    fn open<S: Sink<'a>>(&mut self, is_object: bool, sink: &mut S) -> Result<Next, ParseError> {
        if self.nesting.depth() >= self.depth_max {
            return Err(ParseError::DepthExceeded { offset: self.position, depth_max: self.depth_max });
        }
        self.nesting.open(is_object);
        sink.open(is_object, self.position);
        self.position += 1;
        Ok(if is_object { Next::KeyOrClose } else { Next::ValueOrClose })
    }

    fn close<S: Sink<'a>>(&mut self, sink: &mut S) -> Next {
        let is_object = self.nesting.innermost_is_object() == Some(true);
        self.nesting.close();
        self.position += 1;
        sink.close(is_object, self.position);
        Next::CommaOrClose
    }

    fn after_value<S: Sink<'a>>(&mut self, byte: u8, sink: &mut S) -> Result<Next, ParseError> {
        match (byte, self.nesting.innermost_is_object()) {
            (b',', Some(is_object)) => {
                self.position += 1;
                Ok(if is_object { Next::Key } else { Next::Value })
            }
            (b']', Some(false)) | (b'}', Some(true)) => Ok(self.close(sink)),
            _ => Err(self.error(Rule::UnexpectedCharacter)),
        }
    }

    fn key<S: Sink<'a>>(&mut self, sink: &mut S) -> Result<Next, ParseError> {
        let (text, span) = self.string::<S>()?;
        sink.key(text, span);
        if self.peek_after_whitespace()? != b':' {
            return Err(self.error(Rule::UnexpectedCharacter));
        }
        self.position += 1;
        Ok(Next::Value)
    }

    fn finish(mut self) -> Result<(), ParseError> {
        self.skip_whitespace();
        if self.position == self.bytes.len() { Ok(()) } else { Err(self.error(Rule::TrailingText)) }
    }

    /// Read the string whose quote is at `position`. Its span includes the quotes.
    #[inline]
    fn string<S: Sink<'a>>(&mut self) -> Result<(Cow<'a, str>, Span), ParseError> {
        let start = self.position;
        let stop = text::plain_until(self.bytes, start + 1);
        if self.bytes.get(stop) != Some(&b'"') {
            return self.escaped_string::<S>(start, stop);
        }
        self.position = stop + 1;
        Ok((Cow::Borrowed(&self.text[start + 1..stop]), Span::new(start, stop + 1)))
    }

    /// Read the rest of a string after its plain beginning, which ends at `stop` before something other than the
    /// closing quote.
    #[cold]
    fn escaped_string<S: Sink<'a>>(&mut self, start: usize, stop: usize) -> Result<(Cow<'a, str>, Span), ParseError> {
        let mut unescaped = String::new();
        let (mut plain_from, mut stop) = (start + 1, stop);
        loop {
            if S::WANTS_TEXT {
                unescaped.push_str(&self.text[plain_from..stop]);
            }
            match self.bytes.get(stop) {
                Some(b'"') => {
                    self.position = stop + 1;
                    return Ok((Cow::Owned(unescaped), Span::new(start, stop + 1)));
                }
                Some(b'\\') => {
                    let (character, after) = escape::decode(self.bytes, stop)?;
                    if S::WANTS_TEXT {
                        unescaped.push(character);
                    }
                    plain_from = after;
                }
                Some(_) => return Err(ParseError::malformed(stop, Rule::ControlCharacter)),
                None => return Err(ParseError::malformed(stop, Rule::UnexpectedEnd)),
            }
            stop = text::plain_until(self.bytes, plain_from);
        }
    }

    #[inline]
    fn number(&mut self) -> Result<Span, ParseError> {
        let start = self.position;
        match number::grammar::end_of_number(self.bytes, start) {
            Ok(end) => {
                self.position = end;
                Ok(Span::new(start, end))
            }
            Err(offset) if offset == self.bytes.len() => Err(ParseError::malformed(offset, Rule::UnexpectedEnd)),
            Err(offset) => Err(ParseError::malformed(offset, Rule::InvalidNumber)),
        }
    }

    fn word(&mut self, word: &str) -> Result<Span, ParseError> {
        let start = self.position;
        for (ahead, &expected) in word.as_bytes().iter().enumerate() {
            match self.bytes.get(start + ahead) {
                Some(&byte) if byte == expected => {}
                Some(_) => return Err(ParseError::malformed(start + ahead, Rule::UnexpectedCharacter)),
                None => return Err(ParseError::malformed(start + ahead, Rule::UnexpectedEnd)),
            }
        }
        self.position = start + word.len();
        Ok(Span::new(start, self.position))
    }

    #[inline]
    fn skip_whitespace(&mut self) {
        while matches!(self.bytes.get(self.position), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    #[inline]
    fn peek_after_whitespace(&mut self) -> Result<u8, ParseError> {
        match self.bytes.get(self.position) {
            // No byte above a space is white space, and nearly every byte here is above it.
            Some(&byte) if byte > b' ' => Ok(byte),
            _ => self.skip_and_peek(),
        }
    }

    #[cold]
    fn skip_and_peek(&mut self) -> Result<u8, ParseError> {
        self.skip_whitespace();
        self.bytes.get(self.position).copied().ok_or_else(|| self.error(Rule::UnexpectedEnd))
    }

    fn error(&self, rule: Rule) -> ParseError {
        ParseError::malformed(self.position, rule)
    }
}
