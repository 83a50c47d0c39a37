//! A JSON or YAML document, passed from Python as a mapping or as text, as JSON text.
//!
//! Text is read by the platform's YAML reader, which refuses repeated keys and values outside JSON. A mapping is
//! converted by Python's `json`.

use chartly_json::{Limits, ParseError, Rule};
use pyo3::prelude::{Borrowed, Bound, FromPyObject, PyAny, PyAnyMethods, PyErr, PyModule, PyResult, Python};
use pyo3::types::{PyBool, PyDict, PyDictMethods, PyString, PyStringMethods};

use crate::error::{BindingError, Result};

/// The document as JSON text.
pub(crate) struct Document(pub(crate) String);

impl Document {
    /// Return the document as a value without places. A repeated key is malformed here, as the value would silently
    /// keep one of them.
    pub(crate) fn json(&self) -> Result<serde_json::Value> {
        let bytes = self.0.as_bytes();
        let tree = chartly_json::parse(bytes, Limits::WIDEST)?;
        if let Some(duplicate) = tree.first_duplicate_deep() {
            let offset = duplicate.key_span.start as usize;
            return Err(ParseError::Malformed { offset, rule: Rule::DuplicateKey }.into());
        }
        serde_json::from_slice(bytes).map_err(|error| BindingError::Argument(error.to_string()))
    }
}

impl<'py> FromPyObject<'_, 'py> for Document {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let Ok(text) = object.cast::<PyString>() else {
            return Ok(Self(dumps(py, &object)?));
        };
        let text = text.to_str()?;
        if text.trim_start().starts_with('{') && chartly_json::parse_check(text.as_bytes()).is_ok() {
            // JSON is passed on unchanged: the engine finds repeated keys and keeps the digits of numbers itself.
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
    // Mappings that are no dict, such as those of a resolved profile.
    options.set_item("default", py.get_type::<PyDict>())?;
    PyModule::import(py, "json")?.getattr("dumps")?.call((value,), Some(&options))?.extract()
}
