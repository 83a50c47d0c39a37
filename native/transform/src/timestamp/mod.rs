//! Instants as text: RFC 3339 in, UTC out. The fast byte-level path is in [`rfc3339`], the calendar in [`civil`].
//!
//! It doesn't know JSON values; `ops/to_utc_timestamp.rs` chooses the reader for a profile.

pub mod civil;
pub mod pattern;
pub mod rfc3339;
pub mod zone;

pub use rfc3339::{OUTPUT_BYTES_MAX, rfc3339_to_utc};
