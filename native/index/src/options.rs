//! How much memory and how many threads the index of one dataset may take while it is open.

/// Limits of a [`DatasetIndex`](crate::DatasetIndex).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexOptions {
    /// Blocks and filters kept in memory. 16 MiB: the filters of some million keys. A larger index reads them from the operating system's
    /// page cache, once a batch, since a batch is probed in the order of its keys.
    pub cache_bytes: u64,
    /// Written keys kept in memory until a table file is written. 16 MiB: some 100,000 keys, ten batches of 10,000; less means more, smaller
    /// files to merge. An idle index holds at most this.
    pub memtable_bytes_max: u64,
    /// Threads that write and merge table files. One: a merge is never urgent, and the cores belong to the normalizer.
    pub worker_threads: usize,
}

impl Default for IndexOptions {
    fn default() -> Self {
        Self { cache_bytes: 16 << 20, memtable_bytes_max: 16 << 20, worker_threads: 1 }
    }
}
