//! `dedupe`: the verdict on each record of a batch, as columns.

use std::sync::Arc;

use arrow_array::{BooleanArray, Int8Array};
use chartly_index::{Policy, Verdict};
use pyo3::prelude::{Python, pyclass, pyfunction, pymethods};
use pyo3_arrow::PyArray;

use crate::error::{BindingError, Result};
use crate::keys;

/// The verdicts of a batch, and the number of each.
#[pyclass(frozen, module = "chartly.native")]
pub(crate) struct Deduped {
    inner: chartly_index::Deduped,
}

#[pyfunction]
#[pyo3(signature = (keys, record_ids, held, policy))]
pub(crate) fn dedupe(
    py: Python<'_>,
    keys: PyArray,
    record_ids: PyArray,
    held: PyArray,
    policy: &str,
) -> Result<Deduped> {
    let policy = match policy {
        "first" => Policy::First,
        "last" => Policy::Last,
        "quarantine" => Policy::Quarantine,
        _ => return Err(BindingError::Argument("policy must be first, last or quarantine".to_owned())),
    };
    py.detach(|| {
        let held = keys::optional(&held, "held")?;
        let (keys, records) = (keys::of(&keys, "keys")?, keys::record_ids(&record_ids)?);
        Ok(Deduped { inner: chartly_index::dedupe(keys, &records, &held, policy)? })
    })
}

#[pymethods]
impl Deduped {
    /// Return whether each record is added to the dataset.
    #[getter]
    fn keep(&self) -> PyArray {
        let kept = self.inner.verdicts.iter().map(|verdict| Some(verdict.is_kept()));
        PyArray::from_array_ref(Arc::new(kept.collect::<BooleanArray>()))
    }

    /// Return whether each record goes to quarantine.
    #[getter]
    fn conflicts(&self) -> PyArray {
        let conflict = |verdict: &Verdict| Some(*verdict == Verdict::Conflict);
        PyArray::from_array_ref(Arc::new(self.inner.verdicts.iter().map(conflict).collect::<BooleanArray>()))
    }

    /// Return each record's verdict, numbered as `Verdict`.
    #[getter]
    fn verdicts(&self) -> PyArray {
        let codes = self.inner.verdicts.iter().map(|verdict| *verdict as i8);
        PyArray::from_array_ref(Arc::new(Int8Array::from_iter_values(codes)))
    }

    #[getter]
    fn new_count(&self) -> u64 {
        self.inner.counts.new
    }

    #[getter]
    fn replaces_count(&self) -> u64 {
        self.inner.counts.replaces
    }

    #[getter]
    fn duplicate_count(&self) -> u64 {
        self.inner.counts.duplicate
    }

    #[getter]
    fn superseded_count(&self) -> u64 {
        self.inner.counts.superseded
    }

    #[getter]
    fn conflict_count(&self) -> u64 {
        self.inner.counts.conflict
    }
}
