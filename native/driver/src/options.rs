//! What a run reads, writes and may use.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Where the raw bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file, read from its begin to the end that it has when it is reached.
    File(PathBuf),
    /// Standard input.
    Standard,
}

/// Which files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `accepted.ndjson` and `rejected.ndjson`.
    Ndjson,
    /// `accepted.parquet` and `rejected.ndjson`.
    Parquet,
    /// All three.
    Both,
    /// Nothing: the plan runs, and only its counts are told.
    Nothing,
}

/// Tells a run to stop: it ends at its next block, with [`DriverError::Cancelled`](crate::DriverError::Cancelled) and without files.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Cancelled>);

#[derive(Debug, Default)]
struct Cancelled {
    is_cancelled: AtomicBool,
    /// Names under which the run's files are written: three, and three more for a page that is read again.
    partial: Mutex<Vec<PathBuf>>,
}

impl Cancel {
    /// Stops the run, from any thread.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Stops a run that can't be waited for, as it waits for a pipe itself, and removes what it has written so far. The process may end then.
    pub fn abandon(&self) {
        self.cancel();
        for partial in self.0.partial.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // Gone already where the run has ended meanwhile.
            std::fs::remove_file(partial).ok();
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Relaxed)
    }

    /// Remembers a file on its way, for [`Cancel::abandon`].
    pub(crate) fn remember(&self, partial: PathBuf) {
        self.0.partial.lock().unwrap_or_else(PoisonError::into_inner).push(partial);
    }
}

/// A run.
#[derive(Debug, Clone)]
pub struct Options {
    /// What is read.
    pub input: Input,
    /// The folder that the files appear in; created when absent, unused for [`Format::Nothing`].
    pub out: PathBuf,
    /// Which files are written.
    pub format: Format,
    /// Threads that run the plan. The files do not depend on it.
    pub threads: usize,
    /// Longest page (one JSON text of many records), as one that a pass can't tell of has to be held in memory whole. 512 MiB: ten times the
    /// pages that connectors fetch.
    pub page_bytes_max: u64,
    /// Bytes of a page from a pipe that are held in memory; a longer one goes to a file without a name, and is run from there. 16 MiB: most
    /// pages never see the disk.
    pub page_held_bytes_max: u64,
    /// How the run is stopped early.
    pub cancel: Cancel,
}

impl Format {
    pub(crate) fn has_ndjson(self) -> bool {
        matches!(self, Self::Ndjson | Self::Both)
    }

    pub(crate) fn has_parquet(self) -> bool {
        matches!(self, Self::Parquet | Self::Both)
    }

    pub(crate) fn has_rejected(self) -> bool {
        self != Self::Nothing
    }
}

impl Options {
    /// A run on one thread with the default limits.
    #[must_use]
    pub fn new(input: Input, out: PathBuf, format: Format) -> Self {
        let cancel = Cancel::default();
        Self { input, out, format, threads: 1, page_bytes_max: 512 << 20, page_held_bytes_max: 16 << 20, cancel }
    }
}
