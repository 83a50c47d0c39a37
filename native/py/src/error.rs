//! Convert errors of the engine crates to Python exceptions of `chartly.native.errors`.
//!
//! Exceptions are Python classes with typed attributes. Each is called with its attributes in the order of its fields.

use std::path::Path;

use chartly_canonical::CanonicalError;
use chartly_contract::ContractError;
use chartly_driver::DriverError;
use chartly_index::IndexError;
use chartly_json::ParseError;
use chartly_path::{EffortExceeded, PathError};
use chartly_plan::PlanError;
use pyo3::exceptions::{PyKeyboardInterrupt, PyValueError};
use pyo3::prelude::{Py, PyAny, PyAnyMethods, PyErr, Python};
use pyo3::types::{PyModule, PyTuple, PyType};
use pyo3::{IntoPyObject, PyResult};

/// Every error of an engine.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindingError {
    #[error(transparent)]
    Parse(#[from] ParseError),
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    #[error(transparent)]
    Path(#[from] PathError),
    #[error(transparent)]
    Effort(#[from] EffortExceeded),
    #[error(transparent)]
    Contract(#[from] ContractError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Driver(#[from] DriverError),
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The caller broke a rule of the Python interface, such as the type of a column.
    #[error("{0}")]
    Argument(String),
}

/// The result of a binding function.
pub(crate) type Result<T> = std::result::Result<T, BindingError>;

impl From<BindingError> for PyErr {
    fn from(error: BindingError) -> Self {
        Python::attach(|py| match raised(py, error) {
            Ok(exception) | Err(exception) => exception,
        })
    }
}

fn raised(py: Python<'_>, error: BindingError) -> PyResult<PyErr> {
    match error {
        BindingError::Parse(error) => parse(py, error),
        BindingError::Canonical(error) => canonical(py, error),
        BindingError::Path(error) => new(py, "PathError", (error.position, error.rule.to_string())),
        BindingError::Effort(error) => new(py, "QueryTooExpensive", (error.to_string(),)),
        BindingError::Contract(error) => contract(py, &error),
        BindingError::Plan(PlanError { document, pointer, rule, detail }) => {
            new(py, "PlanError", (document.to_string(), pointer, rule, detail))
        }
        BindingError::Driver(error) => driver(py, &error),
        BindingError::Index(error) => index(py, error),
        BindingError::Argument(message) => Ok(PyValueError::new_err(message)),
    }
}

fn parse(py: Python<'_>, error: ParseError) -> PyResult<PyErr> {
    match error {
        ParseError::Malformed { offset, rule } => new(py, "MalformedJson", (offset, rule.name())),
        ParseError::DepthExceeded { offset, depth_max } => new(py, "DepthExceeded", (offset, depth_max)),
        ParseError::TooLarge { bytes, bytes_max } => new(py, "TooLarge", (bytes, bytes_max)),
    }
}

fn canonical(py: Python<'_>, error: CanonicalError) -> PyResult<PyErr> {
    match error {
        CanonicalError::Parse(error) => parse(py, error),
        CanonicalError::DuplicateKey { offset } => new(py, "MalformedJson", (offset, "duplicate-key")),
        CanonicalError::Number { offset, error } => new(py, "NumberNotRepresentable", (offset, error.to_string())),
    }
}

fn contract(py: Python<'_>, error: &ContractError) -> PyResult<PyErr> {
    let (pointer, rule) = match error {
        ContractError::InvalidSchema { pointer, .. } => (pointer.as_str(), "schema"),
        ContractError::UnresolvableReference { pointer, .. } => (pointer.as_str(), "reference"),
        ContractError::CircularReference { pointer, .. } => (pointer.as_str(), "circularReference"),
        ContractError::UnusablePattern { pointer, .. } => (pointer.as_str(), "pattern"),
        ContractError::InvalidIdentifier { pointer, .. } => (pointer.as_str(), "identifier"),
        ContractError::UnknownDialect { .. } => ("/$schema", "dialect"),
        _ => ("", "vocabulary"),
    };
    new(py, "ContractError", (pointer, rule, error.to_string()))
}

fn driver(py: Python<'_>, error: &DriverError) -> PyResult<PyErr> {
    match error {
        DriverError::Input { path, source } => new(py, "InputUnusable", (text(path), source.to_string())),
        DriverError::Output { path, source } => new(py, "OutputUnusable", (text(path), source.to_string())),
        DriverError::PageTooLarge { path, bytes_max } => {
            new(py, "InputUnusable", (text(path), format!("the page has more than {bytes_max} bytes")))
        }
        DriverError::Columns(problem) => new(py, "OutputUnusable", ("accepted.parquet", problem)),
        DriverError::Cancelled => Ok(PyKeyboardInterrupt::new_err(())),
    }
}

fn index(py: Python<'_>, error: IndexError) -> PyResult<PyErr> {
    match error {
        IndexError::Locked { path } => new(py, "IndexLocked", (text(&path),)),
        IndexError::Damaged { path, detail } => new(py, "IndexDamaged", (text(&path), detail)),
        IndexError::Poisoned { path } => new(py, "IndexPoisoned", (text(&path),)),
        IndexError::Io { path, source } => new(py, "IndexUnusable", (text(&path), source.to_string())),
        IndexError::Stale { held, given } => new(py, "IndexStale", (held, given)),
        lengths @ IndexError::Lengths { .. } => Ok(PyValueError::new_err(lengths.to_string())),
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Make the exception `chartly.native.errors.<name>(*facts)`.
fn new<'py>(
    py: Python<'py>,
    name: &str,
    facts: impl IntoPyObject<'py, Target = PyTuple, Output = pyo3::Bound<'py, PyTuple>, Error = PyErr>,
) -> PyResult<PyErr> {
    let class: Py<PyType> = PyModule::import(py, "chartly.native.errors")?.getattr(name)?.extract()?;
    let facts = facts.into_pyobject(py)?;
    let exception: pyo3::Bound<'py, PyAny> = class.bind(py).call1(facts)?;
    Ok(PyErr::from_value(exception))
}
