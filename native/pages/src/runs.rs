//! The hybrid of runs and packed bits, in which levels and dictionary indexes are written.

use crate::{bits, varint};

/// Numbers that are packed together.
const GROUP: usize = 8;

/// Append numbers of `width` bits. Eight equal numbers at the start of a group make a run; other numbers are packed.
pub(crate) fn write(values: &[u32], width: u32, out: &mut Vec<u8>) {
    let (mut packed_from, mut at) = (0, 0);
    while at + GROUP <= values.len() {
        let value = values[at];
        if values[at..at + GROUP].iter().any(|other| *other != value) {
            at += GROUP;
            continue;
        }
        write_packed(&values[packed_from..at], width, out);
        let length = values[at..].iter().take_while(|other| **other == value).count();
        // The number after a run starts a new group; only the last packed group may be incomplete.
        write_run(value, length, width, out);
        at += length;
        packed_from = at;
    }
    write_packed(&values[packed_from..], width, out);
}

/// Append one number many times.
pub(crate) fn write_run(value: u32, length: usize, width: u32, out: &mut Vec<u8>) {
    varint::write((length as u64) << 1, out);
    out.extend_from_slice(&value.to_le_bytes()[..width.div_ceil(8) as usize]);
}

/// Append groups. The last one is padded with zeros, which only the end of all numbers may need.
fn write_packed(values: &[u32], width: u32, out: &mut Vec<u8>) {
    if values.is_empty() {
        return;
    }
    let groups = values.len().div_ceil(GROUP);
    varint::write((groups as u64) << 1 | 1, out);
    let padding = groups * GROUP - values.len();
    let values = values.iter().copied().chain(std::iter::repeat_n(0, padding));
    bits::pack(values.map(u64::from), width, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The output equals the specification's own example, and that of a run.
    #[test]
    fn writes_the_specified_bytes() {
        let mut out = Vec::new();
        write(&[0, 1, 2, 3, 4, 5, 6, 7], 3, &mut out);
        assert_eq!(out, [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        out.clear();
        write(&[1; 100], 1, &mut out);
        assert_eq!(out, [200, 1, 1]);
    }
}
