//! `DedupeIndex` and its `Rebuild`: the index of one dataset, over columns of keys and record ids.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use chartly_index::{Changes, DatasetIndex, IndexOptions};
use pyo3::prelude::{Python, pyclass, pymethods};
use pyo3_arrow::PyArray;

use crate::error::{BindingError, Result};
use crate::keys;

#[pyclass(frozen, module = "chartly.native")]
pub(crate) struct DedupeIndex {
    /// `None` once closed.
    inner: Mutex<Option<DatasetIndex>>,
}

/// A rebuild in progress.
#[pyclass(frozen, module = "chartly.native")]
pub(crate) struct Rebuild {
    /// `None` once finished or abandoned.
    inner: Mutex<Option<chartly_index::Rebuild>>,
}

#[pymethods]
impl DedupeIndex {
    #[staticmethod]
    #[pyo3(signature = (path, *, cache_bytes = None, memtable_bytes_max = None, worker_threads = None))]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        cache_bytes: Option<u64>,
        memtable_bytes_max: Option<u64>,
        worker_threads: Option<usize>,
    ) -> Result<Self> {
        let given = IndexOptions::default();
        let options = IndexOptions {
            cache_bytes: cache_bytes.unwrap_or(given.cache_bytes),
            memtable_bytes_max: memtable_bytes_max.unwrap_or(given.memtable_bytes_max),
            worker_threads: worker_threads.unwrap_or(given.worker_threads),
        };
        let index = py.detach(|| DatasetIndex::open(&path, options))?;
        Ok(Self { inner: Mutex::new(Some(index)) })
    }

    fn probe(&self, py: Python<'_>, keys: PyArray) -> Result<PyArray> {
        py.detach(|| keys::column(&self.index()?.probe(keys::of(&keys, "keys")?)?))
    }

    #[pyo3(signature = (keys, record_ids, *, watermark, removed = None))]
    fn apply(
        &self,
        py: Python<'_>,
        keys: PyArray,
        record_ids: PyArray,
        watermark: u64,
        removed: Option<PyArray>,
    ) -> Result<()> {
        py.detach(|| {
            let removed = removed.as_ref().map(|removed| keys::of(removed, "removed")).transpose()?;
            let records = keys::record_ids(&record_ids)?;
            let changes =
                Changes { keys: keys::of(&keys, "keys")?, records: &records, removed: removed.unwrap_or_default() };
            Ok(self.index()?.apply(changes, watermark)?)
        })
    }

    fn watermark(&self, py: Python<'_>) -> Result<Option<u64>> {
        py.detach(|| Ok(self.index()?.watermark()?))
    }

    fn count(&self, py: Python<'_>) -> Result<u64> {
        py.detach(|| Ok(self.index()?.count()?))
    }

    fn clear(&self, py: Python<'_>) -> Result<()> {
        py.detach(|| Ok(self.index()?.clear()?))
    }

    fn rebuild(&self, py: Python<'_>) -> Result<Rebuild> {
        py.detach(|| Ok(Rebuild { inner: Mutex::new(Some(self.index()?.rebuild()?)) }))
    }

    fn close(&self, py: Python<'_>) {
        py.detach(|| drop(self.inner.lock().unwrap_or_else(PoisonError::into_inner).take()));
    }
}

impl DedupeIndex {
    fn index(&self) -> Result<DatasetIndex> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clone().ok_or_else(|| BindingError::Argument("the index is closed".to_owned()))
    }
}

#[pymethods]
impl Rebuild {
    fn add(&self, py: Python<'_>, keys: PyArray, record_ids: PyArray) -> Result<()> {
        py.detach(|| {
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            let rebuild = inner.as_mut().ok_or_else(ended)?;
            Ok(rebuild.add(keys::of(&keys, "keys")?, &keys::record_ids(&record_ids)?)?)
        })
    }

    fn finish(&self, py: Python<'_>, watermark: u64) -> Result<()> {
        py.detach(|| {
            let rebuild = self.inner.lock().unwrap_or_else(PoisonError::into_inner).take();
            Ok(rebuild.ok_or_else(ended)?.finish(watermark)?)
        })
    }
}

fn ended() -> BindingError {
    BindingError::Argument("the rebuild has ended".to_owned())
}
