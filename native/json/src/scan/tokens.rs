//! The tokens of a scanned piece: positions, kinds and suspects.

use super::block::BLOCK_BYTES;
use super::cpu::Kernel;

/// The kind of the quote that closes a string. Every other kind is the byte itself, with all digits as `0`.
pub const CLOSING_QUOTE: u8 = 2;

/// The number of line feeds after the last token, so that a reader may look ahead without a check.
pub const SENTINELS: usize = 8;

/// The tokens of a piece of input. Reuse it, as it keeps its memory.
#[derive(Debug, Default)]
pub struct Tokens {
    pub(super) kernel: Kernel,
    pub(super) positions: Vec<u32>,
    pub(super) kinds: Vec<u8>,
    pub(super) count: usize,
    pub(super) suspects: Vec<u32>,
    pub(super) unicode_escapes: Vec<u32>,
}

/// The meaning of a line feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineFeed {
    /// It ends a text, also within a string: a token.
    Ends,
    /// White space, as in a text of many lines.
    Spaces,
}

impl Tokens {
    /// Return empty tokens for a given kernel, for tests and benchmarks. A kernel that this CPU lacks is replaced by
    /// the portable one.
    #[must_use]
    pub fn on(kernel: Kernel) -> Self {
        Self { kernel, ..Self::default() }
    }

    /// Return the position of each token, ascending; then [`SENTINELS`] times the piece's length.
    #[must_use]
    #[inline]
    pub fn positions(&self) -> &[u32] {
        &self.positions[..self.count + SENTINELS]
    }

    /// Return the kind of each token; then [`SENTINELS`] line feeds.
    #[must_use]
    #[inline]
    pub fn kinds(&self) -> &[u8] {
        &self.kinds[..self.count + SENTINELS]
    }

    /// Return the number of tokens, without the sentinels.
    #[must_use]
    #[inline]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Return the positions that break a rule of I-JSON, ascending.
    #[must_use]
    #[inline]
    pub fn suspects(&self) -> &[u32] {
        &self.suspects
    }

    /// Make room for a token at every byte, and for the vectors that kernels store past the last one.
    pub(super) fn prepare(&mut self, bytes: usize) {
        let room = bytes + 2 * BLOCK_BYTES + SENTINELS;
        if self.positions.len() < room {
            self.positions.resize(room, 0);
            self.kinds.resize(room, 0);
        }
        self.count = 0;
        self.suspects.clear();
        self.unicode_escapes.clear();
    }

    #[allow(clippy::cast_possible_truncation)] // below 2 GiB, asserted on entry
    pub(super) fn finish(&mut self, bytes: usize) {
        self.positions[self.count..self.count + SENTINELS].fill(bytes as u32);
        self.kinds[self.count..self.count + SENTINELS].fill(b'\n');
        if self.suspects.is_empty() {
            return;
        }
        // An error at the cut is found in the padding after the piece.
        for place in &mut self.suspects {
            *place = (*place).min(bytes.saturating_sub(1) as u32);
        }
        self.suspects.sort_unstable();
    }
}
