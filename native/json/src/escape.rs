//! Escapes within strings: the nine of RFC 8259 §7, surrogates only in pairs (RFC 7493 §2.1).

use crate::{ParseError, Rule};

/// Decode the escape whose backslash is at `at`. Return the character and the offset after the escape.
pub(crate) fn decode(bytes: &[u8], at: usize) -> Result<(char, usize), ParseError> {
    let end = |offset| ParseError::malformed(offset, Rule::UnexpectedEnd);
    let plain = match *bytes.get(at + 1).ok_or_else(|| end(at + 1))? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(bytes, at),
        _ => return Err(ParseError::malformed(at, Rule::InvalidEscape)),
    };
    Ok((plain, at + 2))
}

fn unicode(bytes: &[u8], at: usize) -> Result<(char, usize), ParseError> {
    let lone = || ParseError::malformed(at, Rule::LoneSurrogate);
    let first = hex4(bytes, at)?;
    if let Some(character) = char::from_u32(first) {
        return Ok((character, at + 6));
    }
    let is_high = first < 0xdc00;
    if !is_high || bytes.get(at + 6) != Some(&b'\\') || bytes.get(at + 7) != Some(&b'u') {
        return Err(lone());
    }
    let second = hex4(bytes, at + 6)?;
    if !(0xdc00..0xe000).contains(&second) {
        return Err(lone());
    }
    let scalar = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    char::from_u32(scalar).map(|character| (character, at + 12)).ok_or_else(lone)
}

/// Return the value of `\uXXXX` at `at`.
fn hex4(bytes: &[u8], at: usize) -> Result<u32, ParseError> {
    let mut value = 0;
    for position in at + 2..at + 6 {
        let byte = *bytes.get(position).ok_or(ParseError::malformed(bytes.len(), Rule::UnexpectedEnd))?;
        let digit = char::from(byte).to_digit(16).ok_or(ParseError::malformed(at, Rule::InvalidEscape))?;
        value = value * 16 + digit;
    }
    Ok(value)
}
