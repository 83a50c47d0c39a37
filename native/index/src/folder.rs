//! The folder of one dataset's index: its lock, and its current generation.
//!
//! ```text
//! LOCK             locked by the process that has the index open
//! CURRENT          number of the current generation, replaced by a rename
//! generation-7/    the storage engine's files of that generation
//! ```
//!
//! A rebuild fills the next generation beside the current one, and the rename switches to it: a reader sees the old
//! index or the new one, never a part.
//!
//! Each dataset has its own engine rather than a keyspace of a shared one: damage stays within its dataset, and a
//! generation is dropped by removing its folder. (In fjall 3.1, deleting a keyspace and killing the process can lose
//! the keyspace that is created next; its `clear` is replayed from the journal over newer table files.)

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::{IndexError, Result};

const LOCK: &str = "LOCK";
const CURRENT: &str = "CURRENT";
const CURRENT_NEXT: &str = "CURRENT.next";
const GENERATION: &str = "generation-";

/// The folder, locked by this process until it is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Closing the file releases the lock.
    _lock: File,
}

impl Folder {
    /// Open or create the folder, and remove generations that are not current: unfinished rebuilds, and replaced ones.
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

    /// Return the current generation; `None` in a new folder.
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

    /// Return the folder of a generation.
    pub(crate) fn generation(&self, number: u64) -> PathBuf {
        self.path.join(format!("{GENERATION}{number}"))
    }

    /// Make a generation current, durably.
    pub(crate) fn switch(&self, number: u64) -> Result<()> {
        let next = self.path.join(CURRENT_NEXT);
        let write = || {
            let mut file = File::create(&next)?;
            writeln!(file, "{number}")?;
            file.sync_all()?;
            fs::rename(&next, self.path.join(CURRENT))?;
            // The rename and the generation's folder are entries of this folder.
            File::open(&self.path)?.sync_all()
        };
        write().map_err(|source| self.failed(source))
    }

    /// Remove a generation's files, if there are any.
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
