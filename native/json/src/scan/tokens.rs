//! The tokens of a scanned piece: their positions and kinds, and what the kernels note besides.

use super::block::BLOCK_BYTES;
use super::cpu::Kernel;

/// Kind of the quote that closes a string; every other kind is the byte itself, digits as `0`.
pub const CLOSING_QUOTE: u8 = 2;

/// Line feeds after the last token, so that a reader may look ahead without asking whether it may.
pub const SENTINELS: usize = 8;

/// The tokens of a piece of input. Reuse it: its memory stays.
#[derive(Debug, Default)]
pub struct Tokens {
    pub(super) kernel: Kernel,
    pub(super) positions: Vec<u32>,
    pub(super) kinds: Vec<u8>,
    pub(super) count: usize,
    pub(super) suspects: Vec<u32>,
    pub(super) unicode_escapes: Vec<u32>,
}

/// What a line feed is to the scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineFeed {
    /// The end of a text, within a string too: a token.
    Ends,
    /// White space, as in a text of many lines.
    Spaces,
}

impl Tokens {
    /// Tokens found by a named kernel, for tests and measurements; one that this CPU lacks is replaced by the portable.
    #[must_use]
    pub fn on(kernel: Kernel) -> Self {
        Self { kernel, ..Self::default() }
    }

    /// Where each token stands, ascending; then [`SENTINELS`] times the piece's length.
    #[must_use]
    #[inline]
    pub fn positions(&self) -> &[u32] {
        &self.positions[..self.count + SENTINELS]
    }

    /// What each token is; then [`SENTINELS`] line feeds.
    #[must_use]
    #[inline]
    pub fn kinds(&self) -> &[u8] {
        &self.kinds[..self.count + SENTINELS]
    }

    /// Number of tokens, without the sentinels.
    #[must_use]
    #[inline]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Places that break a rule of I-JSON, ascending.
    #[must_use]
    #[inline]
    pub fn suspects(&self) -> &[u32] {
        &self.suspects
    }

    /// Makes room for a token at every byte, and for the vectors that kernels store past the last one.
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
        // What the end cuts off is seen in the padding behind it.
        for place in &mut self.suspects {
            *place = (*place).min(bytes.saturating_sub(1) as u32);
        }
        self.suspects.sort_unstable();
    }
}
