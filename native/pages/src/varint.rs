//! Numbers of variable length: ULEB128, and zigzag for signed ones.

/// Append a number, seven bits a byte, the lowest first.
pub(crate) fn write(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// Append a signed number so that numbers near zero are short.
pub(crate) fn write_signed(value: i64, out: &mut Vec<u8>) {
    write((value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned(), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes are those of the formats' specifications.
    #[test]
    fn writes_the_specified_bytes() {
        for (value, want) in [(0, &[0][..]), (127, &[127]), (128, &[0x80, 1]), (300, &[0xAC, 2])] {
            let mut out = Vec::new();
            write(value, &mut out);
            assert_eq!(out, want);
        }
        for (value, want) in [(0, &[0][..]), (-1, &[1]), (1, &[2]), (-64, &[127]), (64, &[0x80, 1])] {
            let mut out = Vec::new();
            write_signed(value, &mut out);
            assert_eq!(out, want);
        }
        let mut out = Vec::new();
        write_signed(i64::MIN, &mut out);
        assert_eq!(out, [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
    }
}
