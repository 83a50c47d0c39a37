//! `query`: what an RFC 9535 path selects in a document.

use chartly_json::{Limits, ParseError, Rule, parse};
use chartly_path::Query;
use pyo3::prelude::{Py, PyAny, PyResult, Python, pyfunction};

use crate::buffer::Bytes;
use crate::error::{BindingError, Result};
use crate::value::to_python;

#[pyfunction]
pub(crate) fn query(py: Python<'_>, path: &str, document: Bytes) -> PyResult<Vec<Py<PyAny>>> {
    let parsed = py.detach(|| -> Result<_> { Ok((Query::parse(path)?, parse(&document, Limits::WIDEST)?)) });
    let (query, root) = parsed?;
    let nodes = py.detach(|| match query.first_duplicate_read(&root) {
        // As in a record: a repeated key is malformed where it is read.
        Some(duplicate) => Err(BindingError::from(ParseError::Malformed {
            offset: duplicate.key_span.start as usize,
            rule: Rule::DuplicateKey,
        })),
        None => Ok(query.select(&root)),
    });
    nodes?.into_iter().map(|node| to_python(py, &node.value)).collect()
}
