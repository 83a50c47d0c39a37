//! Rebuild a dataset's index beside the current one. It does not read the table.

use crate::generation::{Durability, Generation};
use crate::{Changes, DatasetIndex, Key, RecordId, Result};

/// A rebuild in progress. Dropped before [`Rebuild::finish`], or ended by a crash, it leaves the index unchanged.
pub struct Rebuild {
    index: DatasetIndex,
    next: Generation,
}

impl DatasetIndex {
    /// Start to build a new index. The current one stays in use until [`Rebuild::finish`].
    ///
    /// A rebuild that is dropped unfinished leaves its files; the next [`DatasetIndex::open`] removes them.
    ///
    /// # Errors
    /// [`IndexError::Io`](crate::IndexError::Io).
    pub fn rebuild(&self) -> Result<Rebuild> {
        Ok(Rebuild { index: self.clone(), next: self.new_generation()? })
    }

    /// Remove all keys and the watermark, durably.
    ///
    /// # Errors
    /// [`IndexError::Io`](crate::IndexError::Io).
    pub fn clear(&self) -> Result<()> {
        self.rebuild()?.switch()
    }
}

impl Rebuild {
    /// Add keys with their record ids, in any order and in pieces of any size. They are durable only after
    /// [`Rebuild::finish`].
    ///
    /// # Errors
    /// [`IndexError::Lengths`](crate::IndexError::Lengths), [`IndexError::Io`](crate::IndexError::Io).
    pub fn add(&mut self, keys: &[Key], records: &[RecordId]) -> Result<()> {
        self.next.write(Changes { keys, records, removed: &[] }, None, Durability::Later)
    }

    /// Replace the old index by the new one, durably, at a watermark.
    ///
    /// # Errors
    /// [`IndexError::Io`](crate::IndexError::Io), [`IndexError::Poisoned`](crate::IndexError::Poisoned).
    pub fn finish(self, watermark: u64) -> Result<()> {
        // This synced write makes all earlier ones durable too, so the switch never points to unwritten data.
        self.next.write(Changes::default(), Some(watermark), Durability::Synced)?;
        self.switch()
    }

    fn switch(self) -> Result<()> {
        self.index.replace(self.next)
    }
}
