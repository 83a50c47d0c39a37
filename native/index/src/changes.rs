//! What one commit changes in the index.

use crate::{Key, RecordId};

/// The changes of one commit to the dataset's keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes<'c> {
    /// Keys that now have a record: new ones, and those whose record was replaced.
    pub keys: &'c [Key],
    /// The record id of each of `keys`.
    pub records: &'c [RecordId],
    /// Keys that have no record any more.
    pub removed: &'c [Key],
}
