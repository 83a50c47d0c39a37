//! The errors of an index. The caller decides what to do: after damage it rebuilds the index from the table.

use std::path::PathBuf;

/// An error of the dedupe index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another process has the index open.
    #[error("the index at {} is open in another process", path.display())]
    Locked {
        /// Folder of the index.
        path: PathBuf,
    },
    /// Files are missing, truncated or don't match their checksums. Rebuild the index.
    #[error("the index at {} is damaged: {detail}", path.display())]
    Damaged {
        /// Folder of the index.
        path: PathBuf,
        /// What is wrong, without any key.
        detail: String,
    },
    /// An earlier write failed, so the state on disk is unknown. Reopen the index: recovery finds the last whole batch.
    #[error("the index at {} refuses writes after a failed write", path.display())]
    Poisoned {
        /// Folder of the index.
        path: PathBuf,
    },
    /// The operating system returned an error.
    #[error("the index at {} cannot be read or written: {source}", path.display())]
    Io {
        /// Folder of the index.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The batch has an older watermark than the index: it was applied before, or two writers race.
    #[error("the batch's watermark {given} is older than the index's {held}")]
    Stale {
        /// The index's watermark.
        held: u64,
        /// The batch's watermark.
        given: u64,
    },
    /// Keys and their record ids differ in number.
    #[error("{keys} keys with {records} record ids")]
    Lengths {
        /// The number of keys.
        keys: usize,
        /// The number of record ids.
        records: usize,
    },
}

/// The result of an index operation.
pub type Result<T> = std::result::Result<T, IndexError>;

impl IndexError {
    /// Convert the storage engine's error by what the caller has to do.
    pub(crate) fn of_engine(path: &std::path::Path, error: fjall::Error) -> Self {
        let path = path.to_owned();
        match error {
            fjall::Error::Io(source) | fjall::Error::Storage(fjall::LsmError::Io(source)) => {
                // A file that is truncated, invalid or missing was damaged; so was a file whose absence makes the
                // engine start again where other files exist. Every other error is the system's.
                use std::io::ErrorKind::{AlreadyExists, InvalidData, NotFound, UnexpectedEof};
                if matches!(source.kind(), UnexpectedEof | NotFound | InvalidData | AlreadyExists) {
                    Self::Damaged { path, detail: source.to_string() }
                } else {
                    Self::Io { path, source }
                }
            }
            fjall::Error::Locked => Self::Locked { path },
            fjall::Error::Poisoned => Self::Poisoned { path },
            other => Self::Damaged { path, detail: other.to_string() },
        }
    }
}
