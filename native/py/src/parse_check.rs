//! `parse_check`: check that bytes are one strict JSON text.

use pyo3::prelude::{Python, pyfunction};

use crate::buffer::Bytes;
use crate::error::Result;

#[pyfunction]
pub(crate) fn parse_check(py: Python<'_>, data: Bytes) -> Result<()> {
    Ok(py.detach(|| chartly_json::parse_check(&data))?)
}
