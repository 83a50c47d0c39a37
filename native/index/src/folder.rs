//! The folder of one dataset's index: who has it open, and which generation of it is the current one.
//!
//! ```text
//! LOCK             held by the process that has the index open
//! CURRENT          number of the generation in use, replaced by a rename
//! generation-7/    the storage engine's files of that generation
//! ```
//!
//! A rebuild fills the next generation beside the current one, and the rename switches over: a reader sees the old index or the new one,
//! never a half. One engine a dataset, rather than one keyspace of a shared engine: damage stays in its dataset, and a generation is
//! dropped by removing its folder. (Deleting a keyspace of fjall 3.1 and killing the process can lose the keyspace made next; its `clear` is
//! replayed from the journal over newer table files.) It knows nothing of keys.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::{IndexError, Result};

const LOCK: &str = "LOCK";
const CURRENT: &str = "CURRENT";
const CURRENT_NEXT: &str = "CURRENT.next";
const GENERATION: &str = "generation-";

/// The folder, locked for this process until it is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Closing the file releases the lock.
    _lock: File,
}

impl Folder {
    /// Opens or creates the folder and removes generations that are not in use: rebuilds that a crash cut off, or what they replaced.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let failed = |source| IndexError::Io { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(failed)?;
        let lock = File::create(path.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(IndexError::Locked { path: path.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let folder = Self { path: path.to_owned(), _lock: lock };
        let current = folder.current()?;
        for generation in folder.generations()? {
            if current != Some(generation) {
                folder.remove(generation)?;
            }
        }
        Ok(folder)
    }

    /// The generation in use; none in a new folder.
    pub(crate) fn current(&self) -> Result<Option<u64>> {
        let text = match fs::read_to_string(self.path.join(CURRENT)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                return Err(self.damaged("CURRENT is no text"));
            }
            Err(source) => return Err(self.failed(source)),
        };
        let current = text.trim_end().parse().map_err(|_| self.damaged("CURRENT names no generation"))?;
        if !self.generation(current).is_dir() {
            return Err(self.damaged("the generation that CURRENT names is missing"));
        }
        Ok(Some(current))
    }

    /// Where a generation's files are.
    pub(crate) fn generation(&self, number: u64) -> PathBuf {
        self.path.join(format!("{GENERATION}{number}"))
    }

    /// Makes a generation the current one, durably.
    pub(crate) fn switch(&self, number: u64) -> Result<()> {
        let next = self.path.join(CURRENT_NEXT);
        let write = || {
            let mut file = File::create(&next)?;
            writeln!(file, "{number}")?;
            file.sync_all()?;
            fs::rename(&next, self.path.join(CURRENT))?;
            // The rename, and the generation's own folder, are entries of this one.
            File::open(&self.path)?.sync_all()
        };
        write().map_err(|source| self.failed(source))
    }

    /// Removes a generation's files, if there are any.
    pub(crate) fn remove(&self, number: u64) -> Result<()> {
        match fs::remove_dir_all(self.generation(number)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(self.failed(error)),
            _ => Ok(()),
        }
    }

    pub(crate) fn damaged(&self, detail: &str) -> IndexError {
        IndexError::Damaged { path: self.path.clone(), detail: detail.to_owned() }
    }

    fn failed(&self, source: std::io::Error) -> IndexError {
        IndexError::Io { path: self.path.clone(), source }
    }

    fn generations(&self) -> Result<Vec<u64>> {
        let entries = fs::read_dir(&self.path).map_err(|source| self.failed(source))?;
        let mut numbers = Vec::new();
        for entry in entries {
            let name = entry.map_err(|source| self.failed(source))?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(GENERATION));
            numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
        }
        Ok(numbers)
    }
}
