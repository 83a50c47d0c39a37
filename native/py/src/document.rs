//! A JSON or YAML document that Python gives as a mapping or as text, as JSON text.
//!
//! Text goes through the platform's YAML reader, which refuses repeated keys and what JSON can't say; a mapping through Python's `json`.

use pyo3::prelude::{Borrowed, Bound, FromPyObject, PyAny, PyAnyMethods, PyErr, PyModule, PyResult, Python};
use pyo3::types::{PyBool, PyDict, PyDictMethods, PyString, PyStringMethods};

/// The document as JSON text.
pub(crate) struct Document(pub(crate) String);

impl<'py> FromPyObject<'_, 'py> for Document {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let Ok(text) = object.cast::<PyString>() else {
            return Ok(Self(dumps(py, &object)?));
        };
        let text = text.to_str()?;
        if text.trim_start().starts_with('{') && chartly_json::parse_check(text.as_bytes()).is_ok() {
            // JSON goes through as it is: the engine sees its repeated keys and its numbers' digits itself.
            return Ok(Self(text.to_owned()));
        }
        let reader = PyModule::import(py, "chartly.profiles.yaml_reader")?;
        let read = reader.getattr("read_yaml")?.call1((text,))?;
        Ok(Self(dumps(py, &read.get_item(0)?)?))
    }
}

fn dumps(py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<String> {
    let options = PyDict::new(py);
    options.set_item("allow_nan", PyBool::new(py, false))?;
    options.set_item("ensure_ascii", PyBool::new(py, false))?;
    // Mappings that are no dict, such as a resolved profile's.
    options.set_item("default", py.get_type::<PyDict>())?;
    PyModule::import(py, "json")?.getattr("dumps")?.call((value,), Some(&options))?.extract()
}
