//! The index of one dataset: idempotency key → record id, and the watermark: the commit up to which the index is
//! complete.
//!
//! Keys, record ids and watermark of a batch are one synced write. After any crash the index holds only whole batches,
//! and the watermark says which. [`dedupe`](crate::dedupe()) decides about repeated keys.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::folder::Folder;
use crate::generation::{Durability, Generation};
use crate::{Changes, IndexError, IndexOptions, Key, RecordId, Result};

/// The index of one dataset, which only this process has open. Clones share the index; dropping the last one closes it.
#[derive(Clone)]
pub struct DatasetIndex {
    shared: Arc<Shared>,
}

struct Shared {
    options: IndexOptions,
    /// Readers lock it only to clone the pointer; the end of a rebuild replaces it.
    current: RwLock<Arc<Generation>>,
    /// Orders writers: the check of the watermark and the write after it are one step.
    writer: Mutex<Writer>,
}

/// State of writers.
struct Writer {
    folder: Folder,
    /// No generation has this number or a higher one, so that two rebuilds never share files.
    next: u64,
}

impl DatasetIndex {
    /// Open the index in its folder, create it when absent, and recover the last whole batch after a crash.
    ///
    /// # Errors
    /// [`IndexError::Locked`], [`IndexError::Damaged`], [`IndexError::Io`].
    pub fn open(path: &Path, options: IndexOptions) -> Result<Self> {
        let folder = Folder::open(path)?;
        let used = folder.current()?;
        let number = used.unwrap_or(0);
        let generation = Generation::open(&folder.generation(number), number, options)?;
        if used.is_none() {
            folder.switch(number)?;
        }
        let current = RwLock::new(Arc::new(generation));
        let writer = Mutex::new(Writer { folder, next: number + 1 });
        Ok(Self { shared: Arc::new(Shared { options, current, writer }) })
    }

    /// Return the record id of each key, in the order of the keys.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Io`].
    pub fn probe(&self, keys: &[Key]) -> Result<Vec<Option<RecordId>>> {
        self.current().probe(keys)
    }

    /// Apply a commit and move the watermark to it, atomically and durably.
    ///
    /// The watermark may stay the same, so that a large commit can be applied in pieces: all pieces but the last have
    /// the watermark of the commit before. Applying the same changes twice is the same as once.
    ///
    /// # Errors
    /// [`IndexError::Stale`] when the index has a later watermark, [`IndexError::Lengths`], [`IndexError::Poisoned`],
    /// [`IndexError::Io`].
    pub fn apply(&self, changes: Changes<'_>, watermark: u64) -> Result<()> {
        let _writer = self.writer();
        let current = self.current();
        match current.watermark()? {
            Some(held) if held > watermark => Err(IndexError::Stale { held, given: watermark }),
            _ => current.write(changes, Some(watermark), Durability::Synced),
        }
    }

    /// Return the watermark; `None` before the first commit.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Io`].
    pub fn watermark(&self) -> Result<Option<u64>> {
        self.current().watermark()
    }

    /// Return the number of keys. It reads all of them, so it is for checks only.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Io`].
    pub fn count(&self) -> Result<u64> {
        self.current().count()
    }

    /// Open a new, empty generation with a number that no other generation has had.
    pub(crate) fn new_generation(&self) -> Result<Generation> {
        let mut writer = self.writer();
        let number = writer.next;
        writer.next += 1;
        let path = writer.folder.generation(number);
        Generation::open(&path, number, self.shared.options)
    }

    /// Replace the current generation by a finished one and remove the old one.
    pub(crate) fn replace(&self, next: Generation) -> Result<()> {
        let writer = self.writer();
        writer.folder.switch(next.number)?;
        let mut current = self.shared.current.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *current, Arc::new(next)).number;
        drop(current);
        // After a crash before this line, the next opening removes the old files. A reader within a probe keeps its
        // open files.
        writer.folder.remove(old)
    }

    fn current(&self) -> Arc<Generation> {
        // The lock guards one pointer, so the value is whole even if the lock is poisoned.
        self.shared.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
