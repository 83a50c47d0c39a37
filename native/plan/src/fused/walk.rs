//! The walk over a record's tokens: it checks the whole grammar and notes the values that fields read. It converts
//! nothing.
//!
//! The walk accepts only what RFC 8259 accepts, also in parts that no field reads. In every other case it gives up, and
//! the complete engine decides. After a failure the walk continues at a sentinel that fits no rule, so that no step
//! needs a check of its own.

use chartly_json::scan::{CLOSING_QUOTE, Tokens};

use super::key::{FIRST, Found, Keys};
use super::trie::{Node, SlotId, Target};

/// The slot of a path that the record doesn't have.
pub(crate) const EMPTY: Slot = Slot { token: u32::MAX, after: u32::MAX };

/// The depth that the walk follows; the complete engine goes deeper.
pub(crate) const DEPTH_MAX: usize = 128;

/// The most keys of one object beyond those that can be learned.
const UNKNOWN_KEYS_MAX: usize = 64;

/// A scanned piece of input. At least 64 bytes are readable after every token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'p> {
    pub(crate) padded: &'p [u8],
    pub(crate) tokens: &'p Tokens,
}

/// Where a value's tokens are: the first token, and the one after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) token: u32,
    pub(crate) after: u32,
}

/// The walk of one record.
///
/// Invariant: `kinds` and `positions` have eight sentinels after token `failure - 1`, and at least 64 bytes of `data`
/// are readable after every position.
pub(crate) struct Walk<'w> {
    pub(crate) data: *const u8,
    pub(crate) positions: &'w [u32],
    pub(crate) kinds: &'w [u8],
    pub(crate) nodes: &'w [Node],
    pub(crate) keys: &'w mut [Keys],
    pub(crate) slots: &'w mut [Slot],
    /// A sentinel that no record ends at.
    pub(crate) failure: usize,
    pub(crate) depth_max: usize,
}

impl Walk<'_> {
    /// Walk the record that starts at token `first` and return the token after it, or `failure`.
    #[inline(always)]
    pub(crate) fn record(&mut self, first: usize) -> usize {
        if self.kind(first) == b'{' { self.read_object(0, first + 1, 1) } else { self.failure }
    }

    #[inline(always)]
    pub(crate) fn kind(&self, token: usize) -> u8 {
        debug_assert!(token < self.kinds.len());
        // SAFETY: a walk moves past a token only if it is no sentinel, and looks at most four tokens ahead of the eight
        // sentinels.
        unsafe { *self.kinds.get_unchecked(token) }
    }

    #[inline(always)]
    pub(crate) fn position(&self, token: usize) -> usize {
        debug_assert!(token < self.positions.len());
        // SAFETY: as for `kind`: both have the same length.
        unsafe { *self.positions.get_unchecked(token) as usize }
    }

    /// Return whether a key with its colon starts at the token.
    #[inline(always)]
    fn is_key(&self, token: usize) -> bool {
        debug_assert!(token + 4 <= self.kinds.len());
        // SAFETY: as for `kind`: four kinds from here are readable.
        let word = unsafe { self.kinds.as_ptr().add(token).cast::<u32>().read_unaligned() };
        u32::from_le(word) & 0x00ff_ffff == u32::from_le_bytes([b'"', CLOSING_QUOTE, b':', 0])
    }

    /// Walk an object that a path leads through. `token` is the one after its brace.
    fn read_object(&mut self, node: usize, mut token: usize, depth: usize) -> usize {
        if self.kind(token) == b'}' {
            return token + 1;
        }
        let (mut seen, mut previous, mut unknown) = (0_u64, FIRST, 0);
        loop {
            if !self.is_key(token) {
                return self.failure;
            }
            let start = self.position(token) + 1;
            let length = self.position(token + 1) - start;
            // SAFETY: the key and its quote are within the piece, and at least 64 bytes after them are readable.
            let found = unsafe { self.keys[node].find(previous, self.data.add(start), length) };
            let target = match found {
                Found::Known(number, target) => {
                    if seen >> number & 1 != 0 {
                        return self.failure;
                    }
                    seen |= 1 << number;
                    previous = number;
                    target
                }
                Found::Unknown if unknown < UNKNOWN_KEYS_MAX && self.is_new(token) => {
                    unknown += 1;
                    Target::Skip
                }
                Found::Unknown | Found::Escaped => return self.failure,
            };
            let value = token + 3;
            token = match target {
                Target::Skip => self.skip_value(value, depth),
                Target::Slot(slot) => self.keep(slot, value, depth),
                Target::Node(below, slot) => self.read_value(usize::from(below), slot, value, depth),
            };
            match self.kind(token) {
                b',' => token += 1,
                b'}' => return token + 1,
                _ => return self.failure,
            }
        }
    }

    /// Return whether the object has no earlier key of the same text, for a key that could not be learned. It compares
    /// all keys before it.
    #[cold]
    fn is_new(&self, token: usize) -> bool {
        let text = self.key_text(token);
        let mut before = token;
        let mut level = 0_usize;
        // Go backwards over the object's own keys; nested values are skipped by counting brackets.
        while before > 0 {
            before -= 1;
            match self.kind(before) {
                b'}' | b']' => level += 1,
                b'{' | b'[' if level == 0 => return true,
                b'{' | b'[' => level -= 1,
                b':' if level == 0 && before >= 2 && self.key_text(before - 2) == text => return false,
                _ => {}
            }
        }
        true
    }

    /// Return the bytes between the quotes of the string that starts at the token.
    #[inline(always)]
    pub(crate) fn key_text(&self, token: usize) -> &[u8] {
        let (start, end) = (self.position(token) + 1, self.position(token + 1));
        // SAFETY: both are positions of tokens in the piece, in ascending order.
        unsafe { std::slice::from_raw_parts(self.data.add(start), end - start) }
    }

    /// Return a string with its quotes.
    pub(crate) fn quoted_text(&self, token: usize) -> &[u8] {
        let (start, end) = (self.position(token), self.position(token + 1) + 1);
        // SAFETY: both are positions of tokens in the piece, in ascending order.
        unsafe { std::slice::from_raw_parts(self.data.add(start), end - start) }
    }

    /// Return a number without the white space after it.
    #[inline(always)]
    pub(crate) fn number_text(&self, token: usize) -> &[u8] {
        let text = self.scalar(token);
        match text.last() {
            Some(byte) if is_space(*byte) => text.trim_ascii_end(),
            _ => text,
        }
    }

    #[inline(always)]
    fn keep(&mut self, slot: SlotId, token: usize, depth: usize) -> usize {
        let after = self.skip_value(token, depth);
        #[allow(clippy::cast_possible_truncation)] // tokens are fewer than bytes, which are below 2 GiB
        {
            self.slots[usize::from(slot)] = Slot { token: token as u32, after: after as u32 };
        }
        after
    }

    /// Walk a value that a path leads through, if it is a container.
    #[inline(always)]
    fn read_value(&mut self, node: usize, slot: Option<SlotId>, token: usize, depth: usize) -> usize {
        let has_names = !self.nodes[node].names.is_empty();
        let after = match self.kind(token) {
            b'{' if has_names && depth < self.depth_max => self.read_object(node, token + 1, depth + 1),
            b'[' if !self.nodes[node].indexes.is_empty() && depth < self.depth_max => {
                self.read_array(node, token + 1, depth + 1)
            }
            _ => self.skip_value(token, depth),
        };
        if let Some(slot) = slot {
            #[allow(clippy::cast_possible_truncation)] // as in `keep`
            {
                self.slots[usize::from(slot)] = Slot { token: token as u32, after: after as u32 };
            }
        }
        after
    }

    /// Walk an array of which a path selects elements by index. `token` is the one after its bracket.
    #[inline(never)]
    fn read_array(&mut self, node: usize, mut token: usize, depth: usize) -> usize {
        if self.kind(token) == b']' {
            return token + 1;
        }
        let mut index = 0;
        loop {
            let target =
                self.nodes[node].indexes.iter().find(|(wanted, _)| *wanted == index).map(|(_, target)| *target);
            token = match target {
                None | Some(Target::Skip) => self.skip_value(token, depth),
                Some(Target::Slot(slot)) => self.keep(slot, token, depth),
                Some(Target::Node(below, slot)) => self.read_value(usize::from(below), slot, token, depth),
            };
            index += 1;
            match self.kind(token) {
                b',' => token += 1,
                b']' => return token + 1,
                _ => return self.failure,
            }
        }
    }

    /// Skip any value and return the token after it.
    #[inline(always)]
    pub(crate) fn skip_value(&self, token: usize, depth: usize) -> usize {
        match self.kind(token) {
            b'"' if self.kind(token + 1) == CLOSING_QUOTE => token + 2,
            b'0' | b'-' if self.is_number(token) => token + 1,
            b'{' if depth < self.depth_max => self.skip_object(token + 1, depth + 1),
            b'[' if depth < self.depth_max => self.skip_array(token + 1, depth + 1),
            b't' | b'f' | b'n' if self.is_word(token) => token + 1,
            _ => self.failure,
        }
    }

    fn skip_object(&self, mut token: usize, depth: usize) -> usize {
        if self.kind(token) == b'}' {
            return token + 1;
        }
        loop {
            if !self.is_key(token) {
                return self.failure;
            }
            token = self.skip_value(token + 3, depth);
            match self.kind(token) {
                b',' => token += 1,
                b'}' => return token + 1,
                _ => return self.failure,
            }
        }
    }

    fn skip_array(&self, mut token: usize, depth: usize) -> usize {
        if self.kind(token) == b']' {
            return token + 1;
        }
        loop {
            token = self.skip_value(token, depth);
            match self.kind(token) {
                b',' => token += 1,
                b']' => return token + 1,
                _ => return self.failure,
            }
        }
    }

    /// Return the bytes from a scalar's start to the next token, including white space.
    #[inline(always)]
    pub(crate) fn scalar(&self, token: usize) -> &[u8] {
        let (start, end) = (self.position(token), self.position(token + 1));
        // SAFETY: both are positions of tokens in the piece, or its end, in ascending order.
        unsafe { std::slice::from_raw_parts(self.data.add(start), end - start) }
    }

    #[inline(always)]
    fn is_number(&self, token: usize) -> bool {
        let text = self.scalar(token);
        // One digit is the most common number.
        text.len() == 1 && text[0] != b'-' || is_number_then_space(text)
    }

    #[inline]
    fn is_word(&self, token: usize) -> bool {
        let text = self.scalar(token);
        let length = if text[0] == b'f' { 5 } else { 4 };
        text.len() >= length
            && matches!(&text[..length], b"true" | b"false" | b"null")
            && text[length..].iter().all(|byte| is_space(*byte))
    }
}

#[inline]
fn is_number_then_space(text: &[u8]) -> bool {
    match chartly_json::number::grammar::end_of_number(text, 0) {
        Ok(end) => end == text.len() || text[end..].iter().all(|byte| is_space(*byte)),
        Err(_) => false,
    }
}

pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
