//! Search string content eight bytes at a time for bytes with a meaning. It doesn't interpret them.

const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Return the offset, at or after `from`, of the first byte that can't stand for itself in a JSON string: a quote, a
/// backslash or a byte below 0x20. Return `bytes.len()` when there is none.
///
/// RFC 8785 escapes the same bytes, so the parser and the writer share this search.
#[must_use]
#[inline]
pub fn plain_until(bytes: &[u8], from: usize) -> usize {
    let mut position = from;
    while let Some(chunk) = bytes.get(position..position + 8) {
        let mut word = [0_u8; 8];
        word.copy_from_slice(chunk);
        let stops = stop_bits(u64::from_le_bytes(word));
        if stops != 0 {
            return position + (stops.trailing_zeros() / 8) as usize;
        }
        position += 8;
    }
    let rest = &bytes[position.min(bytes.len())..];
    rest.iter().position(|&byte| stops_plain(byte)).map_or(bytes.len(), |ahead| position + ahead)
}

#[inline]
fn stops_plain(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Return the high bit of each byte with a meaning. Bits above the lowest set bit may be wrong (a borrow runs upwards),
/// and only the lowest one is used.
#[inline]
fn stop_bits(word: u64) -> u64 {
    let below_space = word.wrapping_sub(LOW_BITS * 0x20) & !word;
    let quote = word ^ (LOW_BITS * 0x22);
    let backslash = word ^ (LOW_BITS * 0x5c);
    let is_quote = quote.wrapping_sub(LOW_BITS) & !quote;
    let is_backslash = backslash.wrapping_sub(LOW_BITS) & !backslash;
    (below_space | is_quote | is_backslash) & HIGH_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte value is classified right at every position of a word.
    #[test]
    fn agrees_with_the_bytewise_definition() {
        for byte in 0..=255_u8 {
            for position in 0..17 {
                let mut bytes = [b'a'; 17];
                bytes[position] = byte;
                let expected = if stops_plain(byte) { position } else { 17 };
                assert_eq!(plain_until(&bytes, 0), expected, "byte {byte} at {position}");
            }
        }
    }
}
