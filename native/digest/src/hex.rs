//! Convert a digest to lower-case hexadecimal and back.

use crate::Digest;

/// Length of a digest in hexadecimal.
pub const HEX_BYTES: usize = 64;

/// Return eight digits of four bytes in a word. It uses no table, so that eight words are converted together in vector
/// registers.
#[inline]
const fn digits(bytes: [u8; 4]) -> u64 {
    const NIBBLES: u64 = 0x000f_000f_000f_000f;
    const ONES: u64 = 0x0101_0101_0101_0101;
    /// From `:` (after `9`) to `a`.
    const TO_LETTERS: u64 = b'a' as u64 - b':' as u64;
    let word = u32::from_le_bytes(bytes) as u64;
    let halves = (word | word << 16) & 0x0000_ffff_0000_ffff;
    let apart = (halves | halves << 8) & 0x00ff_00ff_00ff_00ff;
    let values = (apart >> 4 & NIBBLES) | (apart & NIBBLES) << 8;
    let above_nine = (values + 6 * ONES) >> 4 & ONES;
    values + b'0' as u64 * ONES + above_nine * TO_LETTERS
}

/// Return the digest as 64 lower-case hexadecimal digits.
#[must_use]
#[inline]
pub fn hex(digest: &Digest) -> [u8; HEX_BYTES] {
    let mut out = [0; HEX_BYTES];
    write_hex(digest, &mut out);
    out
}

/// Write the digest as 64 lower-case hexadecimal digits.
#[inline]
pub fn write_hex(digest: &Digest, out: &mut [u8; HEX_BYTES]) {
    for (eight, four) in out.as_chunks_mut::<8>().0.iter_mut().zip(digest.as_chunks::<4>().0) {
        *eight = digits(*four).to_le_bytes();
    }
}

/// Parse 64 lower-case hexadecimal digits.
#[must_use]
pub fn parse_hex(text: &[u8]) -> Option<Digest> {
    let mut digest = [0; 32];
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != digest.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
        *byte = value(*high)? << 4 | value(*low)?;
    }
    Some(digest)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::{hex, parse_hex};

    /// Every byte value is written as the standard library writes it.
    #[test]
    fn agrees_with_the_standard_library() {
        for first in (0..=255_u8).step_by(32) {
            let mut digest = [0; 32];
            for (offset, byte) in (0..).zip(digest.iter_mut()) {
                *byte = first + offset;
            }
            let want = digest.iter().fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02x}").expect("a String accepts all text");
                text
            });
            assert_eq!(hex(&digest), want.as_bytes());
            assert_eq!(parse_hex(want.as_bytes()), Some(digest));
        }
    }

    /// Upper case, other characters and other lengths are refused: one value has one text.
    #[test]
    fn refuses_other_spellings() {
        let good = hex(&[0xab; 32]);
        assert_eq!(parse_hex(&good.to_ascii_uppercase()), None);
        assert_eq!(parse_hex(&good[..62]), None);
        assert_eq!(parse_hex(&[&good[..], b"a"].concat()), None);
        assert_eq!(parse_hex(&[&good[..63], b"g"].concat()), None);
    }
}
