//! The dedupe index and the incremental content hash of a dataset.
