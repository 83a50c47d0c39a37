//! The index of one dataset: idempotency key → record id, and the watermark of the commit that it reflects.
//!
//! Keys, record ids and watermark of a batch are one synced write: after any crash the index holds whole batches only, and the watermark
//! says which. It does not decide what a repeated key means; [`dedupe`](crate::dedupe()) does.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::folder::Folder;
use crate::generation::{Durability, Generation};
use crate::{Changes, IndexError, IndexOptions, Key, RecordId, Result};

/// The index of one dataset, open in this process alone. Clones are the same index; the last one dropped closes it.
#[derive(Clone)]
pub struct DatasetIndex {
    shared: Arc<Shared>,
}

struct Shared {
    options: IndexOptions,
    /// Readers take it for the length of a clone; a rebuild's end replaces what is in it.
    current: RwLock<Arc<Generation>>,
    /// Orders writers: the check of the watermark and the write that follows are one step.
    writer: Mutex<Writer>,
}

/// What only writers use.
struct Writer {
    folder: Folder,
    /// No generation has this number or a higher one, so that no two rebuilds share files.
    next: u64,
}

impl DatasetIndex {
    /// Opens the index in a folder of its own, created when absent, and recovers the last whole batch after a crash.
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

    /// The record id that each key holds, in the keys' order.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Io`].
    pub fn probe(&self, keys: &[Key]) -> Result<Vec<Option<RecordId>>> {
        self.current().probe(keys)
    }

    /// Applies a commit and moves the watermark to it: all of it or nothing, durable on return.
    ///
    /// The watermark may stay where it is, so that a large commit can go in pieces: the pieces before the last bear the commit's
    /// predecessor. Applying the same changes again changes nothing.
    ///
    /// # Errors
    /// [`IndexError::Stale`] when the index is past the watermark, [`IndexError::Lengths`], [`IndexError::Poisoned`], [`IndexError::Io`].
    pub fn apply(&self, changes: Changes<'_>, watermark: u64) -> Result<()> {
        let _writer = self.writer();
        let current = self.current();
        match current.watermark()? {
            Some(held) if held > watermark => Err(IndexError::Stale { held, given: watermark }),
            _ => current.write(changes, Some(watermark), Durability::Synced),
        }
    }

    /// The commit that the index reflects; none before the first.
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Io`].
    pub fn watermark(&self) -> Result<Option<u64>> {
        self.current().watermark()
    }

    /// How many keys the index holds, by reading all of them: for checks, not for the hot path.
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

    /// Puts a finished generation in place of the current one and removes that.
    pub(crate) fn replace(&self, next: Generation) -> Result<()> {
        let writer = self.writer();
        writer.folder.switch(next.number)?;
        let mut current = self.shared.current.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *current, Arc::new(next)).number;
        drop(current);
        // A crash before this line leaves an orphan, which the next opening removes. A reader in the middle of a probe keeps its open files.
        writer.folder.remove(old)
    }

    fn current(&self) -> Arc<Generation> {
        // The lock guards one pointer: even a poisoned one holds a whole value.
        self.shared.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.shared.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
