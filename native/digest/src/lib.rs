//! SHA-256 over many short messages, with the best instructions the CPU has at run time.
//!
//! A record id is the SHA-256 of some 150 bytes, and one such message cannot keep the SHA unit busy: each round instruction
//! waits for the one before. Independent messages don't wait for each other, so [`digest_many`] and [`digest_ranges`] run
//! four at a time through it. Which instructions exist is asked of the CPU once, so one released binary is fast everywhere.
//!
//! This crate does not stream: a message is a slice that is wholly in memory.
//!
//! ```
//! let mut digests = Vec::new();
//! chartly_digest::digest_many([b"abc".as_slice(), b""], &mut digests);
//! assert_eq!(digests[0], chartly_digest::digest(b"abc"));
//! assert_eq!(&chartly_digest::hex(&digests[1])[..8], b"e3b0c442");
//! ```

mod batch;
mod hex;
mod padding;
mod path;
mod portable;
#[cfg(target_arch = "x86_64")]
mod sha_ni;

use std::ops::Range;

pub use hex::{HEX_BYTES, hex, parse_hex, write_hex};
pub use path::Path;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Hashes one message.
#[must_use]
pub fn digest(message: &[u8]) -> Digest {
    portable::digest(message)
}

/// Hashes every message and appends the digests to `out`, in order.
pub fn digest_many<'m>(messages: impl IntoIterator<Item = &'m [u8]>, out: &mut Vec<Digest>) {
    digest_many_on(Path::detected(), messages, out);
}

/// Hashes every range of `buffer` and appends the digests to `out`, in order.
///
/// # Panics
/// When a range lies outside the buffer.
pub fn digest_ranges(buffer: &[u8], ranges: &[Range<usize>], out: &mut Vec<Digest>) {
    digest_ranges_on(Path::detected(), buffer, ranges, out);
}

/// Like [`digest_ranges`], on a named path.
///
/// # Panics
/// When a range lies outside the buffer.
pub fn digest_ranges_on(path: Path, buffer: &[u8], ranges: &[Range<usize>], out: &mut Vec<Digest>) {
    out.reserve(ranges.len());
    digest_many_on(path, ranges.iter().map(|range| &buffer[range.clone()]), out);
}

/// Like [`digest_many`], on a named path: for tests and measurements that compare the paths.
///
/// A path that this CPU lacks is replaced by [`Path::Portable`]; the digests are the same on every path.
pub fn digest_many_on<'m>(path: Path, messages: impl IntoIterator<Item = &'m [u8]>, out: &mut Vec<Digest>) {
    match path {
        #[cfg(target_arch = "x86_64")]
        Path::ShaNi if path.is_available() => batch::digest_many(messages, out),
        _ => out.extend(messages.into_iter().map(portable::digest)),
    }
}
