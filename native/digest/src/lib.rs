//! SHA-256 over many short messages, with the best instructions that the CPU has at run time.
//!
//! A record id is the SHA-256 of about 150 bytes. One such message cannot keep the SHA unit busy, as each round
//! instruction waits for the one before. Independent messages don't wait for each other, so [`digest_many`] and
//! [`digest_ranges`] run four at a time. The CPU's instructions are detected at run time, so one released binary is
//! fast on every CPU.
//!
//! This crate does not stream: a message is a slice in memory.
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
