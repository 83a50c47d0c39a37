//! A small hash table with open addressing: the dictionary's index of each value.

/// Slots. A dictionary of 32 KiB has at most 8,192 values.
const SLOTS: usize = 1 << 14;

/// Slots that are probed. Values that were constructed to collide end the dictionary, and don't slow it down.
const PROBES_MAX: usize = 32;

const NOBODY: u16 = u16::MAX;

#[derive(Debug)]
pub(crate) struct Slots {
    numbers: Vec<u16>,
    count: u16,
}

/// The result of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The value is present.
    Old(u32),
    /// The value was added.
    New(u32),
    /// There is no free slot near its own.
    Crowded,
}

impl Default for Slots {
    fn default() -> Self {
        Self { numbers: vec![NOBODY; SLOTS], count: 0 }
    }
}

impl Slots {
    /// Return the index of the value that has this hash and satisfies `is_same`, or the next free index.
    #[inline]
    pub(crate) fn find(&mut self, hash: u64, is_same: impl Fn(u32) -> bool) -> Found {
        #[allow(clippy::cast_possible_truncation)] // 14 bits
        let start = (hash >> (u64::BITS - SLOTS.ilog2())) as usize;
        for probe in 0..PROBES_MAX {
            let slot = &mut self.numbers[(start + probe) % SLOTS];
            if *slot == NOBODY {
                if usize::from(self.count) >= SLOTS / 2 {
                    return Found::Crowded;
                }
                *slot = self.count;
                self.count += 1;
                return Found::New(u32::from(*slot));
            }
            if is_same(u32::from(*slot)) {
                return Found::Old(u32::from(*slot));
            }
        }
        Found::Crowded
    }

    pub(crate) fn clear(&mut self) {
        if self.count > 0 {
            self.numbers.fill(NOBODY);
            self.count = 0;
        }
    }
}

/// Mix a word into a hash.
#[inline]
pub(crate) fn mix(state: u64, word: u64) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let product = u128::from(state ^ word ^ ODD) * 0xD6E8_FEB8_6659_FD93_u128;
    #[allow(clippy::cast_possible_truncation)] // both halves are used
    let folded = (product >> 64) as u64 ^ product as u64;
    folded.wrapping_mul(ODD)
}
