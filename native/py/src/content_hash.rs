//! `ContentHash`: the hash of a dataset's content, updated by columns of keys and record ids.

use std::sync::{Mutex, PoisonError};

use chartly_index::STATE_BYTES;
use pyo3::prelude::{Bound, Python, pyclass, pymethods};
use pyo3::types::PyBytes;
use pyo3_arrow::PyArray;

use crate::buffer::Bytes;
use crate::error::{BindingError, Result};
use crate::keys;

#[pyclass(frozen, module = "chartly.native")]
pub(crate) struct ContentHash {
    /// Guards the sum: two threads that add at the same time add one after the other.
    inner: Mutex<chartly_index::ContentHash>,
}

#[pymethods]
impl ContentHash {
    #[new]
    #[pyo3(signature = (state = None))]
    fn new(state: Option<Bytes>) -> Result<Self> {
        let inner = match state {
            None => chartly_index::ContentHash::default(),
            Some(bytes) => {
                let state = bytes.first_chunk::<STATE_BYTES>().filter(|_| bytes.len() == STATE_BYTES);
                let wrong = || BindingError::Argument(format!("a state has {STATE_BYTES} bytes, not {}", bytes.len()));
                chartly_index::ContentHash::from_bytes(state.ok_or_else(wrong)?)
            }
        };
        Ok(Self { inner: Mutex::new(inner) })
    }

    fn add(&self, py: Python<'_>, keys: PyArray, record_ids: PyArray) -> Result<()> {
        py.detach(|| self.change(&keys, &record_ids, chartly_index::ContentHash::merge))
    }

    fn remove(&self, py: Python<'_>, keys: PyArray, record_ids: PyArray) -> Result<()> {
        py.detach(|| self.change(&keys, &record_ids, chartly_index::ContentHash::subtract))
    }

    fn merge(&self, py: Python<'_>, other: &Self) {
        py.detach(|| {
            // Copied first, as merging with itself must not wait for its own lock.
            let other = other.locked().clone();
            self.locked().merge(&other);
        });
    }

    fn state<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.locked().to_bytes())
    }

    fn digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.locked().digest())
    }

    fn hexdigest(&self) -> String {
        String::from_utf8_lossy(&chartly_digest::hex(&self.locked().digest())).into_owned()
    }
}

impl ContentHash {
    fn change(
        &self,
        keys: &PyArray,
        records: &PyArray,
        combine: fn(&mut chartly_index::ContentHash, &chartly_index::ContentHash),
    ) -> Result<()> {
        let (keys, records) = (keys::of(keys, "keys")?, keys::record_ids(records)?);
        if keys.len() != records.len() {
            let (keys, records) = (keys.len(), records.len());
            return Err(chartly_index::IndexError::Lengths { keys, records }.into());
        }
        let mut batch = chartly_index::ContentHash::default();
        batch.add(keys.iter().zip(records.iter()));
        combine(&mut self.locked(), &batch);
        Ok(())
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, chartly_index::ContentHash> {
        // Nothing under the lock can panic, so a poisoned lock still guards a whole state.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
