//! One generation of an index in the storage engine: keys, record ids and watermark, written in whole batches.
//!
//! It does not order writers and compares no watermarks; [`DatasetIndex`](crate::DatasetIndex) does.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use fjall::config::PartitioningPolicy;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};

use crate::{Changes, IndexError, IndexOptions, Key, RecordId, Result};

/// The engine's name for the only table.
const KEYS: &str = "keys";

/// Shorter than a key, so that no key can be taken for it.
const WATERMARK: &[u8] = b"watermark";

/// Whether a write returns before or after it is on the disk.
#[derive(Clone, Copy)]
pub(crate) enum Durability {
    /// Survives the loss of power.
    Synced,
    /// Durable with the next synced write: the journal is one sequence.
    Later,
}

pub(crate) struct Generation {
    pub(crate) number: u64,
    path: PathBuf,
    database: Database,
    keys: Keyspace,
}

/// How table files are laid out. Below the first level, filters and block indexes go in pieces of 4 KiB: whole ones, of a megabyte each, don't
/// all fit the cache of a large index, which then loads one for nearly every key.
fn layout(options: IndexOptions) -> KeyspaceCreateOptions {
    let in_pieces = || PartitioningPolicy::new([false, true]);
    KeyspaceCreateOptions::default()
        .max_memtable_size(options.memtable_bytes_max)
        .filter_block_partitioning_policy(in_pieces())
        .index_block_partitioning_policy(in_pieces())
}

impl Generation {
    /// Opens or creates the files, and recovers the last whole batch after a crash.
    pub(crate) fn open(path: &Path, number: u64, options: IndexOptions) -> Result<Self> {
        // The engine panics on some kinds of damage; opening touches nothing of ours that a panic could leave half done.
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
                let detail = "the storage engine gave up while opening it".to_owned();
                Err(IndexError::Damaged { path: path.to_owned(), detail })
            }
        }
    }

    /// Asks in the order of the keys, answers in the caller's: each piece of filter and block index is then loaded once a batch at most,
    /// however large the index and small its cache.
    pub(crate) fn probe(&self, keys: &[Key]) -> Result<Vec<Option<RecordId>>> {
        let mut held = vec![None; keys.len()];
        for place in ascending(keys) {
            if let Some(record) = self.keys.get(keys[place]).map_err(|error| self.failed(error))? {
                let record = RecordId::try_from(&*record);
                held[place] = Some(record.map_err(|_| self.damaged("a record id has not 32 bytes"))?);
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
            .map_err(|_| self.damaged("the watermark has not 8 bytes"))
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

/// The places of keys in ascending order, equal ones as they stand: neighbours share what a lookup passes on its way (nodes of the memory
/// table, blocks, filters), so that a batch in order finds them in the processor's cache.
fn ascending(keys: &[Key]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..keys.len()).collect();
    places.sort_by_cached_key(|place| {
        let key = &keys[*place];
        (key.first_chunk::<8>().map(|head| u64::from_be_bytes(*head)), *place)
    });
    places
}
