//! What can go wrong in an index, as facts. It does not decide what to do about it: damage means rebuild, and the caller has the table.

use std::path::PathBuf;

/// A failure of the dedupe index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another process has the index open.
    #[error("the index at {} is open in another process", path.display())]
    Locked {
        /// Folder of the index.
        path: PathBuf,
    },
    /// Files are missing, cut short or do not match their checksums. Rebuild the index.
    #[error("the index at {} is damaged: {detail}", path.display())]
    Damaged {
        /// Folder of the index.
        path: PathBuf,
        /// What does not fit, without any key.
        detail: String,
    },
    /// An earlier write failed, so that what is on disk is unknown. Reopen the index: recovery finds the last whole batch.
    #[error("the index at {} refuses writes since one failed", path.display())]
    Poisoned {
        /// Folder of the index.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("the index at {} cannot be read or written: {source}", path.display())]
    Io {
        /// Folder of the index.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A batch bears an older watermark than the index: it was applied before, or two writers race.
    #[error("the index is at {held}, a batch for {given} is older")]
    Stale {
        /// The index's watermark.
        held: u64,
        /// The batch's watermark.
        given: u64,
    },
    /// Keys and record ids that belong together are not equally many.
    #[error("{keys} keys with {records} record ids")]
    Lengths {
        /// How many keys.
        keys: usize,
        /// How many record ids.
        records: usize,
    },
}

/// What an index operation gives.
pub type Result<T> = std::result::Result<T, IndexError>;

impl IndexError {
    /// Sorts a storage engine's failure by what its reader has to do.
    pub(crate) fn of_engine(path: &std::path::Path, error: fjall::Error) -> Self {
        let path = path.to_owned();
        match error {
            fjall::Error::Io(source) | fjall::Error::Storage(fjall::LsmError::Io(source)) => {
                // A file that ends early, says what none says, or is not there was cut, changed or lost; so was the one whose absence lets the
                // engine begin anew where others lie already. Anything else is the system's refusal.
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
