//! Any Python object with the buffer protocol, as bytes that stay valid while the GIL is released. Only `bytearray` is
//! copied.

use std::ops::Deref;

use arrow_buffer::Buffer;
use pyo3::prelude::{Borrowed, FromPyObject, PyAny, PyErr, PyResult};
use pyo3::pybacked::PyBackedBytes;
use pyo3_arrow::buffer::PyArrowBuffer;

/// Bytes that Python owns. As for `hashlib`, nobody may change them during the call; a `bytearray`, which can change,
/// is copied.
pub(crate) enum Bytes {
    Python(PyBackedBytes),
    Arrow(Buffer),
}

impl<'py> FromPyObject<'_, 'py> for Bytes {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<PyBackedBytes>() {
            Ok(bytes) => Ok(Self::Python(bytes)),
            Err(_) => Ok(Self::Arrow(object.extract::<PyArrowBuffer>()?.into_inner())),
        }
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Python(bytes) => bytes,
            Self::Arrow(buffer) => buffer,
        }
    }
}
