//! `Outcome`: the results of a run, as Arrow streams whose batches are made on request.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use chartly_plan::{Counts, Output, Plan, rejected_batch, rejected_schema};
use pyo3::prelude::{Bound, PyDictMethods, PyResult, Python, pyclass, pymethods};
use pyo3::types::PyDict;
use pyo3_arrow::PyRecordBatchReader;

#[pyclass(frozen, module = "chartly.native")]
pub(crate) struct Outcome {
    plan: Arc<Plan>,
    outputs: Arc<Vec<Output>>,
    with_canonical: bool,
}

impl Outcome {
    pub(crate) fn new(plan: Arc<Plan>, outputs: Vec<Output>, with_canonical: bool) -> Self {
        Self { plan, outputs: Arc::new(outputs), with_canonical }
    }

    fn stream(&self, which: Which) -> PyRecordBatchReader {
        let schema = match which {
            Which::Accepted { with_canonical } => self.plan.accepted_schema(with_canonical),
            Which::Rejected => rejected_schema(),
        };
        let (plan, outputs) = (self.plan.clone(), self.outputs.clone());
        PyRecordBatchReader::new(Box::new(Batches { plan, outputs, next: 0, which, schema }))
    }
}

#[pymethods]
impl Outcome {
    #[getter]
    fn accepted(&self) -> PyRecordBatchReader {
        self.stream(Which::Accepted { with_canonical: self.with_canonical })
    }

    #[getter]
    fn rejected(&self) -> PyRecordBatchReader {
        self.stream(Which::Rejected)
    }

    #[getter]
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let mut counts = Counts::default();
        for output in self.outputs.iter() {
            counts += output.counts();
        }
        let stats = PyDict::new(py);
        stats.set_item("records", counts.records)?;
        stats.set_item("accepted", counts.accepted)?;
        stats.set_item("rejected", counts.rejected)?;
        stats.set_item("blank_lines", counts.blank_lines)?;
        stats.set_item("bytes", counts.bytes)?;
        stats.set_item("plan_hash", self.plan.hash())?;
        Ok(stats)
    }
}

#[derive(Clone, Copy)]
enum Which {
    Accepted { with_canonical: bool },
    Rejected,
}

/// One batch for each output that is not empty.
struct Batches {
    plan: Arc<Plan>,
    outputs: Arc<Vec<Output>>,
    next: usize,
    which: Which,
    schema: SchemaRef,
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let output = self.outputs.get(self.next)?;
            self.next += 1;
            match self.which {
                Which::Accepted { with_canonical } if output.counts().accepted > 0 => {
                    return Some(self.plan.accepted_batch(output, with_canonical));
                }
                Which::Rejected if output.counts().rejected > 0 => return Some(rejected_batch(output)),
                _ => {}
            }
        }
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}
