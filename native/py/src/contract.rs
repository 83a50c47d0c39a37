//! `Contract`: a JSON Schema 2020-12, compiled once, for instances as bytes.

use std::collections::BTreeMap;

use chartly_json::{Limits, Node, ParseError, Rule, parse};
use pyo3::prelude::{Python, pyclass, pymethods};

use crate::buffer::Bytes;
use crate::document::Document;
use crate::error::Result;

#[pyclass(frozen, module = "chartly.native")]
pub(crate) struct Contract {
    inner: chartly_contract::Contract,
}

/// One keyword that is violated at one place of the instance.
#[pyclass(frozen, eq, hash, get_all, module = "chartly.native")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Violation {
    instance_path: String,
    schema_path: String,
    keyword: &'static str,
}

#[pymethods]
impl Contract {
    #[staticmethod]
    #[pyo3(signature = (schema, *, resources = None))]
    fn compile(py: Python<'_>, schema: Document, resources: Option<BTreeMap<String, Document>>) -> Result<Self> {
        py.detach(|| {
            let schema = tree(&schema)?;
            let resources = resources.unwrap_or_default();
            let resources = resources.iter().map(|(uri, text)| Ok((uri.clone(), tree(text)?)));
            let resources = resources.collect::<Result<_>>()?;
            Ok(Self { inner: chartly_contract::Contract::compile(&schema, &resources)? })
        })
    }

    fn is_valid(&self, py: Python<'_>, instance: Bytes) -> Result<bool> {
        py.detach(|| Ok(self.inner.is_valid(&read(&instance)?.value)))
    }

    fn violations(&self, py: Python<'_>, instance: Bytes) -> Result<Vec<Violation>> {
        py.detach(|| {
            let found = self.inner.violations(&read(&instance)?.value);
            Ok(found.into_iter().map(Violation::from).collect())
        })
    }
}

#[pymethods]
impl Violation {
    fn __repr__(&self) -> String {
        format!(
            "Violation(instance_path={:?}, schema_path={:?}, keyword={:?})",
            self.instance_path, self.schema_path, self.keyword
        )
    }
}

impl From<chartly_contract::Violation> for Violation {
    fn from(found: chartly_contract::Violation) -> Self {
        let chartly_contract::Violation { instance_path, schema_path, keyword } = found;
        Self { instance_path, schema_path, keyword }
    }
}

fn tree(document: &Document) -> Result<Node<'static>> {
    read(document.0.as_bytes()).map(Node::into_owned)
}

/// Parse a document that is read whole: a repeated key is malformed anywhere in it.
fn read(bytes: &[u8]) -> Result<Node<'_>> {
    let root = parse(bytes, Limits::WIDEST)?;
    match root.first_duplicate_deep() {
        None => Ok(root),
        Some(duplicate) => {
            let offset = duplicate.key_span.start as usize;
            Err(ParseError::Malformed { offset, rule: Rule::DuplicateKey }.into())
        }
    }
}
