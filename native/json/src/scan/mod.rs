//! The structural scan: one pass over raw bytes that finds the tokens at memory speed, before any grammar.
//!
//! Every token gets its position and its kind: brackets, colons, commas, both quotes of a string, the first byte of any
//! other scalar, and each line feed. The scan also checks the rules of I-JSON that need no grammar: UTF-8, control
//! characters in strings, and escapes. A position that breaks one of these is a *suspect*. It does not check grammar,
//! numbers or words, and it doesn't say what is wrong with a suspect: [`crate::parse`] does.
//!
//! Every kernel finds the same tokens. The CPU decides which one runs.

#![allow(unsafe_code)] // T SIMD loads and compressed stores: 14 times the speed of the portable kernel
#![allow(clippy::inline_always)] // T code gets a function's instruction set only by being inlined into it
#![allow(clippy::wildcard_imports)] // T of intrinsics, whose names have a prefix

mod block;
mod cpu;
mod escapes;
mod kernel;
mod portable;
mod tokens;
#[cfg(target_arch = "x86_64")]
mod x86_avx2;
#[cfg(target_arch = "x86_64")]
mod x86_avx512;

#[cfg(test)]
mod tests;

pub use cpu::Kernel;
use tokens::LineFeed;
pub use tokens::{CLOSING_QUOTE, SENTINELS, Tokens};

/// Find the tokens of `bytes`, lines that each hold one text. The piece starts outside of any string.
///
/// A line feed within a string ends that string, so that one line can't affect the next.
///
/// # Panics
/// `bytes` is longer than 2 GiB: positions are 32-bit.
pub fn scan_lines(bytes: &[u8], tokens: &mut Tokens) {
    scan_on(tokens.kernel, LineFeed::Ends, bytes, tokens);
}

/// Find the tokens of `bytes`, a piece of one text that starts outside of any string. Line feeds are white space, and
/// suspects within strings. What is cut off at the piece's end may look like a suspect.
///
/// # Panics
/// As [`scan_lines`].
pub fn scan_text(bytes: &[u8], tokens: &mut Tokens) {
    scan_on(tokens.kernel, LineFeed::Spaces, bytes, tokens);
}

/// Find tokens as [`scan_lines`] does, with a given kernel, for tests and benchmarks. A kernel that this CPU lacks is
/// replaced by the portable one.
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
