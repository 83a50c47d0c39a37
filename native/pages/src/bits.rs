//! Pack numbers of equal width, the lowest bits first.

/// Return the number of bits that a number needs.
pub(crate) const fn width_of(value: u64) -> u32 {
    u64::BITS - value.leading_zeros()
}

/// Append numbers of `width` bits each. Unused bits of the last byte are zero.
#[inline]
pub(crate) fn pack(values: impl IntoIterator<Item = u64>, width: u32, out: &mut Vec<u8>) {
    let (mut held, mut bits) = (0_u64, 0);
    for value in values {
        held |= value << bits;
        bits += width;
        if bits >= u64::BITS {
            out.extend_from_slice(&held.to_le_bytes());
            bits -= u64::BITS;
            held = if bits == 0 { 0 } else { value >> (width - bits) };
        }
    }
    out.extend_from_slice(&held.to_le_bytes()[..bits.div_ceil(8) as usize]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers packed with any width can be read back bit by bit.
    #[test]
    fn packs_every_width() {
        for width in 1..=64 {
            let values: Vec<u64> =
                (1..40_u64).map(|seed| seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - width)).collect();
            let mut out = Vec::new();
            pack(values.iter().copied(), width, &mut out);
            assert_eq!(out.len(), (values.len() * width as usize).div_ceil(8));
            let bit = |at: usize| u64::from(out[at / 8] >> (at % 8) & 1);
            for (index, value) in values.iter().enumerate() {
                let start = index * width as usize;
                let read = (0..width as usize).fold(0, |read, at| read | bit(start + at) << at);
                assert_eq!(read, *value, "width {width}");
            }
        }
        let mut nothing = Vec::new();
        pack([0, 0, 0], 0, &mut nothing);
        assert!(nothing.is_empty());
    }
}
