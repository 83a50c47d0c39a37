//! Files that appear complete or not at all: they are written under another name and renamed at the end.
//!
//! They are not synced: after a loss of power the run must be repeated.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use crate::error::DriverError;
use crate::options::Options;

/// Accepted records, one a line.
pub const ACCEPTED_NDJSON: &str = "accepted.ndjson";
/// Accepted records as columns.
pub const ACCEPTED_PARQUET: &str = "accepted.parquet";
/// Rejected records, one a line: places and reasons.
pub const REJECTED_NDJSON: &str = "rejected.ndjson";

/// An unfinished file. Dropping it before [`WholeFile::appear`] removes it.
#[derive(Debug)]
pub(crate) struct WholeFile {
    file: File,
    partial: PathBuf,
    path: PathBuf,
    has_appeared: bool,
}

impl WholeFile {
    pub(crate) fn create(options: &Options, name: &str) -> Result<Self, DriverError> {
        let folder = &options.out;
        let path = folder.join(name);
        // The process id separates two runs into one folder. The files of the run that ends last remain.
        let partial = folder.join(format!(".{name}.{}.partial", std::process::id()));
        let file = File::create(&partial).map_err(|source| DriverError::output(&path, source))?;
        options.cancel.remember(partial.clone());
        Ok(Self { file, partial, path, has_appeared: false })
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), DriverError> {
        self.file.write_all(bytes).map_err(|source| DriverError::output(&self.path, source))
    }

    /// Rename the file to its final name.
    pub(crate) fn appear(mut self) -> Result<(), DriverError> {
        fs::rename(&self.partial, &self.path).map_err(|source| DriverError::output(&self.path, source))?;
        self.has_appeared = true;
        Ok(())
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.has_appeared {
            // There is no caller to report an error to. A leftover file is hidden, and the next run with this process
            // id replaces it.
            fs::remove_file(&self.partial).ok();
        }
    }
}
