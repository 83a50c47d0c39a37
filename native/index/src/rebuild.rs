//! Builds a dataset's index anew from its table, beside the one in use. It does not read the table.

use crate::generation::{Durability, Generation};
use crate::{Changes, DatasetIndex, Key, RecordId, Result};

/// A rebuild under way. Dropped before [`Rebuild::finish`], or cut off by a crash, it leaves the index as it was.
pub struct Rebuild {
    index: DatasetIndex,
    next: Generation,
}

impl Rebuild {
    pub(crate) fn new(index: DatasetIndex, next: Generation) -> Self {
        Self { index, next }
    }

    /// Adds keys with their record ids, in any order and in pieces of any size. Not durable before [`Rebuild::finish`].
    ///
    /// # Errors
    /// [`IndexError::Lengths`](crate::IndexError::Lengths), [`IndexError::Io`](crate::IndexError::Io).
    pub fn add(&mut self, keys: &[Key], records: &[RecordId]) -> Result<()> {
        self.next.write(Changes { keys, records, removed: &[] }, None, Durability::Later)
    }

    /// Puts the new index in the old one's place, durably, at a watermark.
    ///
    /// # Errors
    /// [`IndexError::Io`](crate::IndexError::Io), [`IndexError::Poisoned`](crate::IndexError::Poisoned).
    pub fn finish(self, watermark: u64) -> Result<()> {
        // Synced with the watermark, all that was written before it is durable too: the switch never precedes what it switches to.
        self.next.write(Changes::default(), Some(watermark), Durability::Synced)?;
        self.switch()
    }

    pub(crate) fn switch(self) -> Result<()> {
        self.index.replace(self.next)
    }
}
