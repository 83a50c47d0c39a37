//! `query`: the nodes that an RFC 9535 path selects in a document. `count_elements`: how many elements its
//! list has.

use chartly_json::{Limits, Node, ParseError, Rule, Value, parse};
use chartly_path::{Effort, Query};
use pyo3::prelude::{Py, PyAny, PyResult, Python, pyfunction};

use crate::buffer::Bytes;
use crate::error::Result;
use crate::value::to_python;

/// Nodes that a query may visit, in addition to a few for each byte of the document, which always allow a few passes
/// over it.
const NODES_MAX: u64 = 1_000_000;
const NODES_A_BYTE: u64 = 16;

#[pyfunction]
pub(crate) fn query(py: Python<'_>, path: &str, document: Bytes) -> PyResult<Vec<Py<PyAny>>> {
    let parsed = py.detach(|| -> Result<_> { Ok((Query::parse(path)?, parse(&document, Limits::WIDEST)?)) });
    let (query, root) = parsed?;
    let nodes = py.detach(|| select(&query, &root, document.len()));
    nodes?.into_iter().map(|node| to_python(py, &node.value)).collect()
}

#[pyfunction]
pub(crate) fn count_elements(py: Python<'_>, path: &str, document: Bytes) -> PyResult<Option<usize>> {
    let count = py.detach(|| -> Result<Option<usize>> {
        let (query, root) = (Query::parse(path)?, parse(&document, Limits::WIDEST)?);
        let nodes = select(&query, &root, document.len())?;
        if query.selects_elements() {
            let is_there = !nodes.is_empty() || query.leads_to_arrays(&root, &effort(document.len()))?;
            return Ok(is_there.then_some(nodes.len()));
        }
        Ok(nodes.first().and_then(|node| match &node.value {
            Value::Array(elements) => Some(elements.len()),
            _ => None,
        }))
    });
    Ok(count?)
}

fn effort(bytes: usize) -> Effort {
    Effort::of(NODES_MAX.saturating_add(NODES_A_BYTE.saturating_mul(bytes as u64)))
}

/// Return the nodes that the query selects within its bound. As in a record, a repeated key is malformed where it is
/// read.
fn select<'d, 'a>(query: &Query, root: &'d Node<'a>, bytes: usize) -> Result<Vec<&'d Node<'a>>> {
    let effort = effort(bytes);
    if let Some(duplicate) = query.first_duplicate_read_within(root, &effort)? {
        let (offset, rule) = (duplicate.key_span.start as usize, Rule::DuplicateKey);
        return Err(ParseError::Malformed { offset, rule }.into());
    }
    Ok(query.select_within(root, &effort)?)
}
