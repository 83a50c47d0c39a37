//! The keys of an object that the plan reads. Keys are compared sixteen bytes at a time, in the order in which they
//! last came.
//!
//! A worker learns all keys that it meets, mapped or not, so that it expects the keys of the next record. What is
//! learned changes speed, not results.

use super::trie::{Node, Target};

/// The most keys of one object that are learned: one bit of a word each, to find repeated ones.
const LEARNED_MAX: usize = 64;

/// Keys that are tried in the last order before all known keys are searched.
const PASSED_MAX: usize = 6;

/// A known key. Its text includes the closing quote, so that a match also compares the length.
#[derive(Debug, Clone)]
struct Entry {
    text: [u64; 2],
    mask: [u64; 2],
    /// The key, quote included, when it is longer than sixteen bytes.
    long: Option<Box<[u8]>>,
    target: Target,
}

/// What a worker knows of the keys of one node.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    entries: Vec<Entry>,
    /// The key that last followed each key. The last entry is for the first key of an object.
    follows: [u8; LEARNED_MAX + 1],
}

/// The result of a search for a key. `Unknown` is a key that is not mapped and that there was no room to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Known(u8, Target),
    Unknown,
    /// A key that only the complete engine can read.
    Escaped,
}

/// The entry of `follows` for the first key of an object.
#[allow(clippy::cast_possible_truncation)] // 64
pub(crate) const FIRST: u8 = LEARNED_MAX as u8;

impl Keys {
    /// Start with the mapped keys; `None` when there are too many.
    pub(crate) fn new(node: &Node) -> Option<Self> {
        let entries: Vec<Entry> =
            node.names.iter().map(|(name, target)| Entry::new(name.as_bytes(), *target)).collect();
        (entries.len() <= LEARNED_MAX).then_some(Self { entries, follows: [0; LEARNED_MAX + 1] })
    }

    /// Return the key that starts at `at` and comes after `previous`.
    ///
    /// # Safety
    /// `at` is readable for `length + 1` bytes and for 16.
    #[inline(always)]
    pub(crate) unsafe fn find(&mut self, previous: u8, at: *const u8, length: usize) -> Found {
        let mut expected = self.follows[usize::from(previous)];
        // An absent key is skipped, so that the key after it is still found fast.
        for _ in 0..PASSED_MAX {
            let Some(entry) = self.entries.get(usize::from(expected)) else { break };
            // SAFETY: as the caller guarantees.
            if unsafe { entry.matches(at, length) } {
                return Found::Known(expected, entry.target);
            }
            expected = self.follows[usize::from(expected)];
        }
        // SAFETY: as the caller guarantees.
        unsafe { self.search(previous, at, length) }
    }

    /// Search all known keys, and learn a new one.
    #[inline(never)]
    unsafe fn search(&mut self, previous: u8, at: *const u8, length: usize) -> Found {
        // SAFETY: as the caller guarantees.
        let known = self.entries.iter().position(|entry| unsafe { entry.matches(at, length) });
        let number = if let Some(number) = known {
            number
        } else {
            // SAFETY: the caller guarantees `length` bytes.
            let text = unsafe { std::slice::from_raw_parts(at, length) };
            if text.contains(&b'\\') {
                return Found::Escaped;
            }
            if self.entries.len() == LEARNED_MAX {
                return Found::Unknown;
            }
            self.entries.push(Entry::new(text, Target::Skip));
            self.entries.len() - 1
        };
        #[allow(clippy::cast_possible_truncation)] // at most 64
        let number_byte = number as u8;
        self.follows[usize::from(previous)] = number_byte;
        Found::Known(number_byte, self.entries[number].target)
    }
}

impl Entry {
    fn new(key: &[u8], target: Target) -> Self {
        let mut quoted = key.to_vec();
        quoted.push(b'"');
        let (mut text, mut mask) = ([0; 16], [0; 16]);
        for (place, &byte) in quoted.iter().take(16).enumerate() {
            (text[place], mask[place]) = (byte, 0xff);
        }
        let words = |bytes: [u8; 16]| {
            let both = u128::from_le_bytes(bytes);
            #[allow(clippy::cast_possible_truncation)] // the two halves
            [both as u64, (both >> 64) as u64]
        };
        let long = (quoted.len() > 16).then(|| quoted.into_boxed_slice());
        Self { text: words(text), mask: words(mask), long, target }
    }

    /// Return whether the key at `at` is this one.
    ///
    /// # Safety
    /// `at` is readable for `length + 1` bytes and for 16.
    #[inline(always)]
    unsafe fn matches(&self, at: *const u8, length: usize) -> bool {
        // SAFETY: 16 bytes are readable.
        let words = unsafe { [at.cast::<u64>().read_unaligned(), at.add(8).cast::<u64>().read_unaligned()] };
        let words = words.map(u64::from_le);
        let differ = ((words[0] ^ self.text[0]) & self.mask[0]) | ((words[1] ^ self.text[1]) & self.mask[1]);
        if differ != 0 {
            return false;
        }
        match &self.long {
            None => true,
            // SAFETY: `length + 1` bytes are readable.
            Some(long) => long.len() == length + 1 && unsafe { std::slice::from_raw_parts(at, length + 1) } == &**long,
        }
    }
}
