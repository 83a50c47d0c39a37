//! The public functions: each message goes to the path that the caller or the CPU chooses.

use std::ops::Range;

#[cfg(target_arch = "x86_64")]
use crate::batch;
use crate::{Digest, Path, portable};

/// Hash one message.
#[must_use]
pub fn digest(message: &[u8]) -> Digest {
    portable::digest(message)
}

/// Hash every message and append the digests to `out`, in order.
pub fn digest_many<'m>(messages: impl IntoIterator<Item = &'m [u8]>, out: &mut Vec<Digest>) {
    digest_many_on(Path::detected(), messages, out);
}

/// Hash every range of `buffer` and append the digests to `out`, in order.
///
/// # Panics
/// A range lies outside the buffer.
pub fn digest_ranges(buffer: &[u8], ranges: &[Range<usize>], out: &mut Vec<Digest>) {
    digest_ranges_on(Path::detected(), buffer, ranges, out);
}

/// Hash ranges as [`digest_ranges`] does, on a given path.
///
/// # Panics
/// A range lies outside the buffer.
pub fn digest_ranges_on(path: Path, buffer: &[u8], ranges: &[Range<usize>], out: &mut Vec<Digest>) {
    out.reserve(ranges.len());
    digest_many_on(path, ranges.iter().map(|range| &buffer[range.clone()]), out);
}

/// Hash messages as [`digest_many`] does, on a given path, for tests and benchmarks that compare the paths.
///
/// A path that this CPU lacks is replaced by [`Path::Portable`]; the digests are the same on every path.
pub fn digest_many_on<'m>(path: Path, messages: impl IntoIterator<Item = &'m [u8]>, out: &mut Vec<Digest>) {
    match path {
        #[cfg(target_arch = "x86_64")]
        Path::ShaNi if path.is_available() => batch::digest_many(messages, out),
        _ => out.extend(messages.into_iter().map(portable::digest)),
    }
}
