//! `digest` and `digest_many`: SHA-256 of one message, and of every value of a binary column.

use std::sync::Arc;

use arrow_array::{Array, FixedSizeBinaryArray, cast::AsArray};
use arrow_buffer::Buffer;
use arrow_schema::DataType;
use pyo3::prelude::{Bound, Python, pyfunction};
use pyo3::types::PyBytes;
use pyo3_arrow::PyArray;

use crate::buffer::Bytes;
use crate::error::{BindingError, Result};

#[pyfunction]
pub(crate) fn digest<'py>(py: Python<'py>, data: Bytes) -> Bound<'py, PyBytes> {
    let digest = py.detach(|| chartly_digest::digest(&data));
    PyBytes::new(py, &digest)
}

#[pyfunction]
pub(crate) fn digest_many(py: Python<'_>, values: PyArray) -> Result<PyArray> {
    py.detach(|| {
        let values = values.array();
        let mut digests = Vec::with_capacity(values.len());
        match values.data_type() {
            _ if values.null_count() > 0 => return refused("a null has no digest"),
            DataType::Binary => {
                chartly_digest::digest_many(values.as_binary::<i32>().iter().flatten(), &mut digests);
            }
            DataType::LargeBinary => {
                chartly_digest::digest_many(values.as_binary::<i64>().iter().flatten(), &mut digests);
            }
            DataType::Utf8 => {
                let texts = values.as_string::<i32>().iter().flatten().map(str::as_bytes);
                chartly_digest::digest_many(texts, &mut digests);
            }
            other => return refused(&format!("a column of {other} has no bytes to hash")),
        }
        Ok(column(digests))
    })
}

/// Return a column of digests without copying them.
pub(crate) fn column(digests: Vec<[u8; 32]>) -> PyArray {
    let count = digests.len();
    let bytes = Buffer::from_vec(digests.into_flattened());
    debug_assert_eq!(bytes.len(), count * 32);
    PyArray::from_array_ref(Arc::new(FixedSizeBinaryArray::new(32, bytes, None)))
}

fn refused<T>(reason: &str) -> Result<T> {
    Err(BindingError::Argument(reason.to_owned()))
}
