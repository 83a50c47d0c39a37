//! The loop over blocks, which all kernels share. The CPU's part is behind a trait.

use super::block::{BLOCK_BYTES, Carry, Found, Masks};
use super::tokens::{LineFeed, Tokens};

/// One block in the CPU's registers. The methods are inlined into a function that has the instructions enabled.
pub(crate) trait Lanes: Copy {
    /// Load 64 bytes.
    ///
    /// # Safety
    /// 64 bytes from `bytes` are readable, and the CPU has the kernel's instructions.
    unsafe fn load(bytes: *const u8) -> Self;

    /// Return the class of each byte.
    ///
    /// # Safety
    /// The CPU has the kernel's instructions.
    unsafe fn masks(self) -> Masks;

    /// Return which bytes are above U+007F.
    ///
    /// # Safety
    /// The CPU has the kernel's instructions.
    unsafe fn not_ascii(self) -> u64;

    /// Return which bytes equal a given one.
    ///
    /// # Safety
    /// The CPU has the kernel's instructions.
    unsafe fn equal(self, byte: u8) -> u64;

    /// Return where UTF-8 is invalid, given the bytes one, two and three positions before.
    ///
    /// # Safety
    /// The CPU has the kernel's instructions.
    unsafe fn utf8_errors(self, before: [Self; 3]) -> u64;

    /// Return the running parity of bits.
    ///
    /// # Safety
    /// The CPU has the kernel's instructions.
    unsafe fn prefix_xor(bits: u64) -> u64;

    /// Write positions and kinds of the tokens.
    ///
    /// # Safety
    /// 64 positions and 64 kinds are writable, 64 bytes from `bytes` are readable, and the CPU has the instructions.
    unsafe fn write_tokens(self, found: &Found, base: u32, positions: *mut u32, kinds: *mut u8);
}

/// Scan all blocks.
///
/// # Safety
/// The CPU has the instructions of `L`; `tokens` was prepared for `bytes`.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // positions are below 2 GiB, asserted on entry
pub(crate) unsafe fn scan<L: Lanes>(bytes: &[u8], line_feed: LineFeed, tokens: &mut Tokens) {
    let mut carry = Carry::default();
    let mut position = 0;
    let mut may_continue_character = false;
    while position < bytes.len() {
        let rest = bytes.len() - position;
        let padded;
        let at = if rest >= BLOCK_BYTES {
            // In bounds by the condition.
            unsafe { bytes.as_ptr().add(position) }
        } else {
            padded = padded_copy(&bytes[position..]);
            padded.as_ptr()
        };
        // SAFETY: 64 bytes from `at` are within `bytes` or `padded`; the caller guarantees the instructions.
        let (lanes, mut masks, not_ascii) = unsafe {
            let lanes = L::load(at);
            (lanes, lanes.masks(), lanes.not_ascii())
        };
        // Without lines, a line feed is only white space outside of strings and a control character within them.
        if line_feed == LineFeed::Spaces {
            masks.line_feeds = 0;
        }
        let found = carry.next(&masks, |bits| unsafe { L::prefix_xor(bits) });
        // SAFETY: there is room for a token at every remaining byte, and for one more block.
        unsafe {
            let count = tokens.count;
            let (positions, kinds) = (tokens.positions.as_mut_ptr().add(count), tokens.kinds.as_mut_ptr().add(count));
            lanes.write_tokens(&found, position as u32, positions, kinds);
        }
        tokens.count += found.tokens.count_ones() as usize;
        if not_ascii != 0 || may_continue_character {
            // SAFETY: the caller guarantees the instructions.
            unsafe { check_utf8(lanes, bytes, position, &found, tokens) };
        }
        may_continue_character = not_ascii >> 61 != 0 && found.used_bytes == BLOCK_BYTES;
        if found.escaped | found.suspects != 0 {
            // SAFETY: the caller guarantees the instructions.
            unsafe { note(lanes, bytes, position, &found, tokens) };
        }
        position += found.used_bytes;
    }
    if may_continue_character {
        check_last_character(bytes, tokens);
    }
}

/// Return the last bytes, padded with spaces, which add no tokens.
fn padded_copy(rest: &[u8]) -> [u8; BLOCK_BYTES] {
    let mut block = [b' '; BLOCK_BYTES];
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// Note where UTF-8 is invalid.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
unsafe fn check_utf8<L: Lanes>(lanes: L, bytes: &[u8], position: usize, found: &Found, tokens: &mut Tokens) {
    let before = |distance: usize| {
        if position >= distance && bytes.len() - position + distance >= BLOCK_BYTES {
            // SAFETY: in bounds by the condition.
            return unsafe { L::load(bytes.as_ptr().add(position - distance)) };
        }
        let mut block = [b' '; BLOCK_BYTES];
        for (index, byte) in block.iter_mut().enumerate() {
            if let Some(&raw) = (position + index).checked_sub(distance).and_then(|place| bytes.get(place)) {
                *byte = raw;
            }
        }
        // SAFETY: a block of 64 bytes.
        unsafe { L::load(block.as_ptr()) }
    };
    // SAFETY: the caller guarantees the instructions.
    let mut errors = unsafe { lanes.utf8_errors([before(1), before(2), before(3)]) };
    errors &= u64::MAX >> (BLOCK_BYTES - found.used_bytes);
    push_all(errors, position, &mut tokens.suspects);
}

/// Note a character that is cut off at the end of the input.
#[cold]
#[allow(clippy::cast_possible_truncation)]
fn check_last_character(bytes: &[u8], tokens: &mut Tokens) {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    for (index, &byte) in tail.iter().enumerate() {
        let wants = match byte {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
            _ => continue,
        };
        if index + wants > tail.len() {
            tokens.suspects.push((bytes.len() - tail.len() + index) as u32);
        }
    }
}

/// Note control characters in strings, invalid escapes, and `\u` escapes that are checked later.
#[inline(always)]
unsafe fn note<L: Lanes>(lanes: L, bytes: &[u8], position: usize, found: &Found, tokens: &mut Tokens) {
    push_all(found.suspects, position, &mut tokens.suspects);
    if found.escaped != 0 {
        // SAFETY: the caller guarantees the instructions.
        let unicode = unsafe { lanes.equal(b'u') } & found.escaped;
        push_all(unicode, position, &mut tokens.unicode_escapes);
        let mut others = found.escaped & !unicode;
        while others != 0 {
            let place = position + others.trailing_zeros() as usize;
            if !bytes.get(place).is_some_and(|&byte| super::escapes::is_escapable(byte)) {
                push_all(others & others.wrapping_neg(), position, &mut tokens.suspects);
            }
            others &= others - 1;
        }
    }
}

#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
fn push_all(mut bits: u64, position: usize, places: &mut Vec<u32>) {
    while bits != 0 {
        places.push(position as u32 + bits.trailing_zeros());
        bits &= bits - 1;
    }
}
