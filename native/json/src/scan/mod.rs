//! The structural scan: one pass over raw bytes that finds where the tokens are, at memory speed and before any grammar.
//!
//! Every token of the text gets its position and its kind: brackets, colons, commas, both quotes of a string, the first
//! byte of any other scalar, and each line feed. What the scan can see of I-JSON it checks on the way: UTF-8, control
//! characters in strings and escapes; a place that breaks one of these is a *suspect*. It does not check grammar, numbers or
//! words, and it doesn't say what is wrong with a suspect: [`crate::parse`] does.
//!
//! The same tokens come from every kernel; which one runs is asked of the CPU.

#![allow(unsafe_code)] // SIMD loads and compressed stores: 14 times the speed of the portable kernel
#![allow(clippy::inline_always)] // code takes on a function's instruction set only by being inlined into it
#![allow(clippy::wildcard_imports)] // of intrinsics, whose names are prefixed already

mod block;
mod escapes;
mod kernel;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86_avx2;
#[cfg(target_arch = "x86_64")]
mod x86_avx512;

#[cfg(test)]
mod tests;

/// Kind of the quote that closes a string; every other kind is the byte itself, digits as `0`.
pub const CLOSING_QUOTE: u8 = 2;

/// Line feeds after the last token, so that a reader may look ahead without asking whether it may.
pub const SENTINELS: usize = 8;

/// The tokens of a piece of input. Reuse it: its memory stays.
#[derive(Debug, Default)]
pub struct Tokens {
    kernel: Kernel,
    positions: Vec<u32>,
    kinds: Vec<u8>,
    count: usize,
    suspects: Vec<u32>,
    unicode_escapes: Vec<u32>,
}

/// What a line feed is to the scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineFeed {
    /// The end of a text, within a string too: a token.
    Ends,
    /// White space, as in a text of many lines.
    Spaces,
}

/// Which instructions the scan uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// Any CPU.
    Portable,
    /// AVX2, BMI2 and carry-less multiplication: x86-64 servers since 2013.
    Avx2,
    /// AVX-512 with VBMI2: x86-64 servers since 2019 (Intel) or 2022 (AMD).
    Avx512,
}

impl Default for Kernel {
    fn default() -> Self {
        Self::detected()
    }
}

impl Kernel {
    /// The best kernel of this CPU.
    #[must_use]
    pub fn detected() -> Self {
        static DETECTED: std::sync::OnceLock<Kernel> = std::sync::OnceLock::new();
        *DETECTED.get_or_init(|| {
            [Self::Avx512, Self::Avx2].into_iter().find(|kernel| kernel.is_available()).unwrap_or(Self::Portable)
        })
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether this CPU has the kernel's instructions.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => x86_avx2::is_available(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => x86_avx512::is_available(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }
}

/// Finds the tokens of `bytes`, lines that each hold one text. The piece starts outside of any string.
///
/// A line feed within a string ends that string and starts afresh: lines can't spoil each other.
///
/// # Panics
/// When `bytes` is longer than 2 GiB: positions are 32-bit.
pub fn scan_lines(bytes: &[u8], tokens: &mut Tokens) {
    scan_on(tokens.kernel, LineFeed::Ends, bytes, tokens);
}

/// Finds the tokens of `bytes`, a piece of one text that starts outside of any string. Line feeds are white space, and
/// suspects within strings. What the piece's end cuts off may look like a suspect.
///
/// # Panics
/// As [`scan_lines`].
pub fn scan_text(bytes: &[u8], tokens: &mut Tokens) {
    scan_on(tokens.kernel, LineFeed::Spaces, bytes, tokens);
}

/// Like [`scan_lines`] with a named kernel, for tests and measurements; one that this CPU lacks is replaced by the portable.
///
/// # Panics
/// As [`scan_lines`].
pub fn scan_lines_on(kernel: Kernel, bytes: &[u8], tokens: &mut Tokens) {
    scan_on(kernel, LineFeed::Ends, bytes, tokens);
}

fn scan_on(kernel: Kernel, line_feed: LineFeed, bytes: &[u8], tokens: &mut Tokens) {
    assert!(bytes.len() < (1 << 31), "a piece is below 2 GiB");
    tokens.prepare(bytes.len());
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512 if kernel.is_available() => x86_avx512::scan(bytes, line_feed, tokens),
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx2 if kernel.is_available() => x86_avx2::scan(bytes, line_feed, tokens),
        _ => portable::scan(bytes, line_feed, tokens),
    }
    escapes::check_unicode(bytes, tokens);
    tokens.finish(bytes.len());
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
    fn prepare(&mut self, bytes: usize) {
        let room = bytes + 2 * block::BLOCK_BYTES + SENTINELS;
        if self.positions.len() < room {
            self.positions.resize(room, 0);
            self.kinds.resize(room, 0);
        }
        self.count = 0;
        self.suspects.clear();
        self.unicode_escapes.clear();
    }

    #[allow(clippy::cast_possible_truncation)] // below 2 GiB, asserted on entry
    fn finish(&mut self, bytes: usize) {
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
