//! What a run reads and writes, and its limits.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The source of the raw bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file, read to its end at the time of reading.
    File(PathBuf),
    /// Standard input.
    Standard,
}

/// The files that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `accepted.ndjson` and `rejected.ndjson`.
    Ndjson,
    /// `accepted.parquet` and `rejected.ndjson`.
    Parquet,
    /// All three.
    Both,
    /// No files: the run only counts.
    Nothing,
}

/// Stops a run: it ends at its next block with [`DriverError::Cancelled`](crate::DriverError::Cancelled) and writes no
/// files.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<Cancelled>);

#[derive(Debug, Default)]
struct Cancelled {
    is_cancelled: AtomicBool,
    /// Temporary names of the run's files: three, and three more for a page that is read a second time.
    partial: Mutex<Vec<PathBuf>>,
}

impl Cancel {
    /// Stop the run, from any thread.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Stop a run that can't be waited for, because it waits for a pipe, and remove its unfinished files. The process
    /// may then exit.
    pub fn abandon(&self) {
        self.cancel();
        for partial in self.0.partial.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // The file is already removed if the run has ended meanwhile.
            std::fs::remove_file(partial).ok();
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Relaxed)
    }

    /// Note an unfinished file for [`Cancel::abandon`].
    pub(crate) fn remember(&self, partial: PathBuf) {
        self.0.partial.lock().unwrap_or_else(PoisonError::into_inner).push(partial);
    }
}

/// The options of a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The input.
    pub input: Input,
    /// The output folder, created when absent and unused for [`Format::Nothing`].
    pub out: PathBuf,
    /// The output files.
    pub format: Format,
    /// Threads that run the plan. The files do not depend on their number.
    pub threads: usize,
    /// The longest page (one JSON text of many records). A page that one pass gives up on must be held in memory. 512
    /// MiB: ten times the pages that connectors fetch.
    pub page_bytes_max: u64,
    /// The most bytes of a page from a pipe that are held in memory. A longer page goes to an unnamed file and runs
    /// from there. 16 MiB: most pages are never written to disk.
    pub page_held_bytes_max: u64,
    /// The handle that stops the run.
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
    /// Return the options of a run on one thread with the default limits.
    #[must_use]
    pub fn new(input: Input, out: PathBuf, format: Format) -> Self {
        let cancel = Cancel::default();
        Self { input, out, format, threads: 1, page_bytes_max: 512 << 20, page_held_bytes_max: 16 << 20, cancel }
    }
}
