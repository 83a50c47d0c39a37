//! The limits on memory and threads of one dataset's open index.

/// Limits of a [`DatasetIndex`](crate::DatasetIndex).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexOptions {
    /// Memory for blocks and filters. 16 MiB: the filters of some million keys. A larger index reads them from the
    /// operating system's page cache, once a batch, as a batch is looked up in the order of its keys.
    pub cache_bytes: u64,
    /// Memory for written keys before a table file is written. 16 MiB: about 100,000 keys, or ten batches of 10,000.
    /// Less means more and smaller files to merge. An idle index uses at most this.
    pub memtable_bytes_max: u64,
    /// Threads that write and merge table files. One: a merge is never urgent, and the normalizer needs the cores.
    pub worker_threads: usize,
}

impl Default for IndexOptions {
    fn default() -> Self {
        Self { cache_bytes: 16 << 20, memtable_bytes_max: 16 << 20, worker_threads: 1 }
    }
}
