//! Lower-case hexadecimal of a digest, there and back.

use crate::Digest;

/// Length of a digest in hexadecimal.
pub const HEX_BYTES: usize = 64;

/// Both digits of every byte, so that a byte costs one load and one store.
const DIGITS: [[u8; 2]; 256] = {
    let alphabet = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [alphabet[byte >> 4], alphabet[byte & 15]];
        byte += 1;
    }
    table
};

/// The digest as 64 lower-case hexadecimal digits.
#[must_use]
#[inline]
pub fn hex(digest: &Digest) -> [u8; HEX_BYTES] {
    let mut out = [0; HEX_BYTES];
    write_hex(digest, &mut out);
    out
}

/// Writes the digest as 64 lower-case hexadecimal digits.
#[inline]
pub fn write_hex(digest: &Digest, out: &mut [u8; HEX_BYTES]) {
    for (pair, byte) in out.as_chunks_mut::<2>().0.iter_mut().zip(digest) {
        *pair = DIGITS[usize::from(*byte)];
    }
}

/// Reads 64 lower-case hexadecimal digits.
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

    /// Upper case, other characters and other lengths are no digest: one value has one text.
    #[test]
    fn refuses_other_spellings() {
        let good = hex(&[0xab; 32]);
        assert_eq!(parse_hex(&good.to_ascii_uppercase()), None);
        assert_eq!(parse_hex(&good[..62]), None);
        assert_eq!(parse_hex(&[&good[..], b"a"].concat()), None);
        assert_eq!(parse_hex(&[&good[..63], b"g"].concat()), None);
    }
}
