//! The dedupe index and the incremental content hash of a dataset.
//!
//! - [`DatasetIndex`]: the record id of each idempotency key of a dataset, on disk, durable by batch.
//! - [`dedupe`](dedupe()): the verdict on each record of a batch, given the index and the dataset's [`Policy`].
//! - [`ContentHash`]: a hash of the set of {idempotency key, record id}, updated by adding and removing.
//!
//! The index is derived data: the dataset's table is authoritative, and an index that is damaged or behind is rebuilt
//! from it. This crate doesn't know tables; its caller compares [`DatasetIndex::watermark`] with the table's version.

mod changes;
mod content_hash;
mod dataset;
mod dedupe;
mod error;
mod folder;
mod generation;
mod options;
mod rebuild;

pub use changes::Changes;
pub use content_hash::{ContentHash, STATE_BYTES};
pub use dataset::DatasetIndex;
pub use dedupe::{Counts, Deduped, Policy, Verdict, dedupe};
pub use error::{IndexError, Result};
pub use options::IndexOptions;
pub use rebuild::Rebuild;

/// The SHA-256 of the values of the profile's `dedupe.keys`, or the record id where there are none.
pub type Key = [u8; 32];

/// SHA-256 of a record's canonical bytes.
pub type RecordId = [u8; 32];
