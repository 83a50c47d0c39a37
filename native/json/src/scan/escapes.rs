//! Check escapes in strings without decoding them: the letter after a backslash, and pairs of surrogates.

use super::tokens::Tokens;

/// Return whether this byte may follow a backslash.
#[inline]
pub(crate) fn is_escapable(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' | b'u')
}

/// Mark as suspects the `\u` escapes without four digits or without their other half.
pub(crate) fn check_unicode(bytes: &[u8], tokens: &mut Tokens) {
    // The position at which the second half of a pair must have its `u`.
    let mut awaited: Option<u32> = None;
    for &position in &tokens.unicode_escapes {
        let unit = code_unit(bytes, position as usize + 1);
        let is_high = unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
        let is_low = unit.is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
        let pairs = match awaited.take() {
            None => !is_low,
            Some(place) if place == position => is_low,
            Some(place) => {
                tokens.suspects.push(place - 6);
                !is_low
            }
        };
        if unit.is_none() || !pairs {
            tokens.suspects.push(position);
        }
        if is_high && pairs {
            awaited = Some(position + 6);
        }
    }
    if let Some(place) = awaited {
        tokens.suspects.push(place - 6);
    }
}

fn code_unit(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |unit, &byte| Some(unit * 16 + char::from(byte).to_digit(16)?))
}
