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
mod dispatch;
mod hex;
mod padding;
mod path;
mod portable;
#[cfg(target_arch = "x86_64")]
mod sha_ni;

pub use dispatch::{digest, digest_many, digest_many_on, digest_ranges, digest_ranges_on};
pub use hex::{HEX_BYTES, hex, parse_hex, write_hex};
pub use path::Path;

/// A SHA-256 digest.
pub type Digest = [u8; 32];
