//! Convert JSON values to Python's, as its `json` module does: integers stay exact, other numbers become floats.

use chartly_json::Value;
use pyo3::prelude::{IntoPyObject, Py, PyAny, PyAnyMethods, PyDictMethods, PyListMethods, PyResult, Python};
use pyo3::types::{PyDict, PyInt, PyList};

/// Convert a value. The parser's depth limit bounds the recursion.
pub(crate) fn to_python(py: Python<'_>, value: &Value<'_>) -> PyResult<Py<PyAny>> {
    Ok(match value {
        Value::Null => py.None(),
        Value::Bool(truth) => truth.into_pyobject(py)?.to_owned().into_any().unbind(),
        Value::Number(text) => number(py, text)?,
        Value::Double(double) => double.into_pyobject(py)?.into_any().unbind(),
        Value::Decimal(text) | Value::String(text) => text.as_ref().into_pyobject(py)?.into_any().unbind(),
        Value::Array(elements) => {
            let list = PyList::empty(py);
            for element in elements {
                list.append(to_python(py, &element.value)?)?;
            }
            list.into_any().unbind()
        }
        Value::Object(object) => {
            let dict = PyDict::new(py);
            for member in object.members() {
                dict.set_item(member.key.as_ref(), to_python(py, &member.node.value)?)?;
            }
            dict.into_any().unbind()
        }
    })
}

fn number(py: Python<'_>, text: &str) -> PyResult<Py<PyAny>> {
    if let Ok(integer) = text.parse::<i64>() {
        return Ok(integer.into_pyobject(py)?.into_any().unbind());
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Ok(py.get_type::<PyInt>().call1((text,))?.unbind());
    }
    // Rust parses every JSON number as a float; one beyond the largest is infinite, as in Python's `json`.
    Ok(text.parse::<f64>()?.into_pyobject(py)?.into_any().unbind())
}
