//! `Plan`: a profile and its contract, compiled once, run over bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use chartly_plan::{CompileContext, RunOptions};
use chartly_transform::{Secret, SecretRef, Secrets};
use pyo3::prelude::{Bound, PyAny, PyAnyMethods, PyModule, PyResult, Python, pyclass, pymethods};

use crate::buffer::Bytes;
use crate::document::Document;
use crate::error::{BindingError, Result};
use crate::outcome::Outcome;

/// Immutable, so that all threads share it.
#[pyclass(frozen, module = "chartly.native")]
pub(crate) struct Plan {
    pub(crate) inner: Arc<chartly_plan::Plan>,
}

#[pymethods]
impl Plan {
    #[staticmethod]
    #[pyo3(signature = (profile, contract, *, resources = None, secrets = None))]
    fn compile(
        py: Python<'_>,
        profile: Document,
        contract: Document,
        resources: Option<BTreeMap<String, Document>>,
        secrets: Option<BTreeMap<(String, String), Vec<u8>>>,
    ) -> Result<Self> {
        py.detach(|| {
            let resources = resources.unwrap_or_default();
            let resources = resources.iter().map(|(uri, schema)| Ok((uri.clone(), schema.json()?)));
            let within = CompileContext {
                resources: resources.collect::<Result<_>>()?,
                secrets: &Keys(secrets.unwrap_or_default()),
            };
            let plan = chartly_plan::Plan::compile_within(&profile.json()?, &contract.json()?, &within)?;
            Ok(Self { inner: Arc::new(plan) })
        })
    }

    #[getter]
    fn hash(&self) -> &str {
        self.inner.hash()
    }

    #[getter]
    fn fields(&self) -> Vec<&str> {
        self.inner.fields().collect()
    }

    #[getter]
    fn columns(&self) -> BTreeMap<&str, String> {
        self.inner.columns().collect()
    }

    #[pyo3(signature = (data, *, threads = 1, canonical = false))]
    fn run(&self, py: Python<'_>, data: Bytes, threads: usize, canonical: bool) -> Result<Outcome> {
        if threads == 0 {
            return Err(BindingError::Argument("threads must be at least 1".to_owned()));
        }
        py.detach(|| {
            let outputs = self.inner.run(&data, threads, RunOptions { columns: true });
            Ok(Outcome::new(self.inner.clone(), outputs, canonical))
        })
    }

    fn explain<'py>(&self, py: Python<'py>, record: Bytes) -> PyResult<Bound<'py, PyAny>> {
        let trace = py.detach(|| self.inner.explain(&record).to_string());
        PyModule::import(py, "json")?.getattr("loads")?.call1((trace,))
    }
}

/// Keys of `hmac` and `tokenize`, by the name and key of the profile's `secretRef`.
struct Keys(BTreeMap<(String, String), Vec<u8>>);

impl Secrets for Keys {
    fn resolve(&self, reference: &SecretRef) -> Option<Secret> {
        let name = (reference.name.to_string(), reference.key.to_string());
        self.0.get(&name).map(|key| Secret::new(key.clone()))
    }
}
