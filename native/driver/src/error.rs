//! Why a run over files failed. Rejected records are no error.

use std::io;
use std::path::{Path, PathBuf};

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The input could not be opened or read.
    #[error("{}: cannot be read: {source}", path.display())]
    Input {
        /// The input as the caller named it; `-` for standard input.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// An output file or folder could not be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Output {
        /// The output file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A page is longer than may be held in memory.
    #[error("{}: the page has more than {bytes_max} bytes", path.display())]
    PageTooLarge {
        /// The input as the caller named it.
        path: PathBuf,
        /// The limit.
        bytes_max: u64,
    },
    /// The caller stopped the run.
    #[error("the run was stopped")]
    Cancelled,
    /// Accepted records could not be encoded as columns.
    #[error("accepted.parquet: {0}")]
    Columns(String),
}

impl DriverError {
    pub(crate) fn input(path: &Path, source: io::Error) -> Self {
        Self::Input { path: path.to_owned(), source }
    }

    pub(crate) fn output(path: &Path, source: io::Error) -> Self {
        Self::Output { path: path.to_owned(), source }
    }
}

impl From<parquet::errors::ParquetError> for DriverError {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Self::Columns(error.to_string())
    }
}

impl From<arrow_schema::ArrowError> for DriverError {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::Columns(error.to_string())
    }
}
