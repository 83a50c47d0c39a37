//! What one commit changes in the index.

use crate::{Key, RecordId};

/// What a commit did to the dataset's keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes<'c> {
    /// Keys that now hold a record: new, or with another record than before.
    pub keys: &'c [Key],
    /// The record id of each of `keys`.
    pub records: &'c [RecordId],
    /// Keys that hold no record any more.
    pub removed: &'c [Key],
}
