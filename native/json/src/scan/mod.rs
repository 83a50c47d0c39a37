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
