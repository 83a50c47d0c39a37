//! `canonicalize`: a JSON text to its RFC 8785 bytes.

use pyo3::prelude::{Bound, Python, pyfunction};
use pyo3::types::PyBytes;

use crate::buffer::Bytes;
use crate::error::{BindingError, Result};

#[pyfunction]
pub(crate) fn canonicalize<'py>(py: Python<'py>, data: Bytes) -> Result<Bound<'py, PyBytes>> {
    let canonical = py.detach(|| chartly_canonical::canonicalize(&data)).map_err(BindingError::from)?;
    Ok(PyBytes::new(py, &canonical))
}
