//! `DELTA_BINARY_PACKED`: integers as differences, each block of 32 with the bits that its largest needs. Values are
//! encoded as they are appended.

use crate::{bits, varint};

/// Differences that share their minimum.
const BLOCK: usize = 128;
/// Differences that share their width.
const MINIBLOCK: usize = 32;

/// The numbers of one page.
#[derive(Debug)]
pub(crate) struct Delta {
    first: i64,
    last: i64,
    count: u64,
    differences: [i64; BLOCK],
    held: usize,
    /// Complete blocks.
    blocks: Vec<u8>,
}

impl Default for Delta {
    fn default() -> Self {
        Self { first: 0, last: 0, count: 0, differences: [0; BLOCK], held: 0, blocks: Vec::new() }
    }
}

impl Delta {
    #[inline]
    pub(crate) fn push(&mut self, value: i64) {
        if self.count == 0 {
            self.first = value;
        } else {
            // It wraps, as the format requires; readers wrap back.
            self.differences[self.held] = value.wrapping_sub(self.last);
            self.held += 1;
            if self.held == BLOCK {
                self.write_block();
            }
        }
        self.last = value;
        self.count += 1;
    }

    /// Return the approximate number of bytes so far.
    pub(crate) fn bytes(&self) -> usize {
        self.blocks.len() + self.held * size_of::<u64>()
    }

    fn write_block(&mut self) {
        let differences = &mut self.differences[..self.held];
        let least = differences.iter().copied().min().unwrap_or_default();
        varint::write_signed(least, &mut self.blocks);
        let mut widths = [0_u8; BLOCK / MINIBLOCK];
        for (width, miniblock) in widths.iter_mut().zip(differences.chunks_mut(MINIBLOCK)) {
            let mut all = 0;
            for difference in miniblock {
                *difference = difference.wrapping_sub(least);
                all |= difference.cast_unsigned();
            }
            *width = bits::width_of(all).to_le_bytes()[0];
        }
        self.blocks.extend_from_slice(&widths);
        // A miniblock is complete or absent.
        let used = self.held.div_ceil(MINIBLOCK) * MINIBLOCK;
        self.differences[self.held..used].fill(0);
        for (width, miniblock) in widths.iter().zip(self.differences[..used].chunks(MINIBLOCK)) {
            if *width > 0 {
                let values = miniblock.iter().map(|value| value.cast_unsigned());
                bits::pack(values, u32::from(*width), &mut self.blocks);
            }
        }
        self.held = 0;
    }

    /// Append the encoding to `out` and start again.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        if self.held > 0 {
            self.write_block();
        }
        varint::write(BLOCK as u64, out);
        varint::write((BLOCK / MINIBLOCK) as u64, out);
        varint::write(self.count, out);
        varint::write_signed(self.first, out);
        out.extend_from_slice(&self.blocks);
        self.clear();
    }

    /// Remove the numbers. Memory is kept.
    pub(crate) fn clear(&mut self) {
        self.blocks.clear();
        (self.first, self.last, self.count, self.held) = (0, 0, 0, 0);
    }
}
