//! One generation of an index in the storage engine: keys, record ids and watermark, written in whole batches.
//!
//! [`DatasetIndex`](crate::DatasetIndex) orders writers and compares watermarks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use fjall::config::PartitioningPolicy;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

use crate::{Changes, IndexError, IndexOptions, Key, RecordId, Result};

/// The engine's name for the only table.
const KEYS: &str = "keys";

/// Shorter than a key, so that it can't be a key.
const WATERMARK: &[u8] = b"watermark";

/// Whether a write returns after it is durable.
#[derive(Clone, Copy)]
pub(crate) enum Durability {
    /// It survives a loss of power.
    Synced,
    /// It is durable with the next synced write, as the journal is one sequence.
    Later,
}

pub(crate) struct Generation {
    pub(crate) number: u64,
    path: PathBuf,
    database: Database,
    keys: Keyspace,
}

/// Return the layout of table files. Below the first level, filters and block indexes are stored in pieces of 4 KiB.
/// Whole ones are a megabyte each and don't fit the cache of a large index, which would load one for nearly every key.
fn layout(options: IndexOptions) -> KeyspaceCreateOptions {
    let in_pieces = || PartitioningPolicy::new([false, true]);
    KeyspaceCreateOptions::default()
        .max_memtable_size(options.memtable_bytes_max)
        .filter_block_partitioning_policy(in_pieces())
        .index_block_partitioning_policy(in_pieces())
}

impl Generation {
    /// Open or create the files, and recover the last whole batch after a crash.
    pub(crate) fn open(path: &Path, number: u64, options: IndexOptions) -> Result<Self> {
        // The engine panics on some kinds of damage. Opening changes no state here that a panic could leave incomplete.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let database = Database::builder(path)
                .cache_size(options.cache_bytes)
                .worker_threads(options.worker_threads.max(1))
                .open()?;
            let keys = database.keyspace(KEYS, || layout(options))?;
            Ok((database, keys))
        }));
        match opened {
            Ok(Ok((database, keys))) => Ok(Self { number, path: path.to_owned(), database, keys }),
            Ok(Err(error)) => Err(IndexError::of_engine(path, error)),
            Err(_) => {
                let detail = "the storage engine panicked while opening it".to_owned();
                Err(IndexError::Damaged { path: path.to_owned(), detail })
            }
        }
    }

    /// Return the record id of each key, in the caller's order. It looks keys up in ascending order, so that each piece
    /// of a filter or block index is loaded at most once a batch, even by a large index with a small cache.
    pub(crate) fn probe(&self, keys: &[Key]) -> Result<Vec<Option<RecordId>>> {
        let mut held = vec![None; keys.len()];
        for place in ascending(keys) {
            if let Some(record) = self.keys.get(keys[place]).map_err(|error| self.failed(error))? {
                let record = RecordId::try_from(&*record);
                held[place] = Some(record.map_err(|_| self.damaged("a record id does not have 32 bytes"))?);
            }
        }
        Ok(held)
    }

    pub(crate) fn write(&self, changes: Changes<'_>, watermark: Option<u64>, durability: Durability) -> Result<()> {
        let (keys, records) = (changes.keys.len(), changes.records.len());
        if keys != records {
            return Err(IndexError::Lengths { keys, records });
        }
        let mut batch = self.database.batch().durability(match durability {
            Durability::Synced => Some(PersistMode::SyncAll),
            Durability::Later => None,
        });
        for place in ascending(changes.keys) {
            batch.insert(&self.keys, changes.keys[place].as_slice(), changes.records[place].as_slice());
        }
        for key in changes.removed {
            batch.remove(&self.keys, key.as_slice());
        }
        if let Some(watermark) = watermark {
            batch.insert(&self.keys, WATERMARK, watermark.to_be_bytes());
        }
        batch.commit().map_err(|error| self.failed(error))
    }

    pub(crate) fn watermark(&self) -> Result<Option<u64>> {
        let held = self.keys.get(WATERMARK).map_err(|error| self.failed(error))?;
        held.map(|bytes| <[u8; 8]>::try_from(&*bytes).map(u64::from_be_bytes))
            .transpose()
            .map_err(|_| self.damaged("the watermark does not have 8 bytes"))
    }

    pub(crate) fn count(&self) -> Result<u64> {
        let mut keys = 0;
        for entry in self.keys.iter() {
            let key = entry.key().map_err(|error| self.failed(error))?;
            keys += u64::from(key.len() == size_of::<Key>());
        }
        Ok(keys)
    }

    fn failed(&self, error: fjall::Error) -> IndexError {
        IndexError::of_engine(&self.path, error)
    }

    fn damaged(&self, detail: &str) -> IndexError {
        IndexError::Damaged { path: self.path.clone(), detail: detail.to_owned() }
    }
}

/// Return the positions of keys in ascending order of the keys. Neighbours share the data of a lookup (nodes of the
/// memory table, blocks, filters), so an ordered batch finds it in the processor's cache.
fn ascending(keys: &[Key]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..keys.len()).collect();
    places.sort_by_cached_key(|place| {
        let key = &keys[*place];
        (key.first_chunk::<8>().map(|head| u64::from_be_bytes(*head)), *place)
    });
    places
}
