//! The plan: everything that a run reads and nothing that it changes. `compile` builds it; other modules run it.

use std::sync::Arc;

use chartly_contract::Contract;
use chartly_digest::Path;
use chartly_json::Limits;
use chartly_json::scan::Kernel;
use chartly_path::Query;

use crate::columns::Column;
use crate::field::{Field, LateOp, Origin};
use crate::fused::{Program, ScanPath};
use crate::profile::InputKind;

/// A resolved normalizer profile and its contract, compiled. Shared by all threads.
#[derive(Debug)]
pub struct Plan {
    /// The fields in canonical order, `type` included.
    pub(crate) fields: Vec<Field>,
    /// The ops of `spec.transforms`, each with the position of its field.
    pub(crate) late_ops: Vec<LateOp>,
    /// Positions of `requiredFields`, in canonical order.
    pub(crate) required: Vec<usize>,
    pub(crate) contract: Arc<Contract>,
    pub(crate) limits: Limits,
    /// `limits.queryNodesMax`.
    pub(crate) query_nodes_max: u64,
    pub(crate) records_path: Option<Query>,
    /// `records_path` in the form that one pass can follow, if it has one.
    pub(crate) records_scan_path: Option<ScanPath>,
    /// The query that makes several children of a record. Each child becomes a canonical record.
    pub(crate) explode: Option<Query>,
    /// Whether `records_path` and `explode` may select nothing where there is no array.
    pub(crate) allow_empty: bool,
    pub(crate) input: InputKind,
    /// Positions of `dedupe.keys`, in the profile's order.
    pub(crate) dedupe: Vec<usize>,
    pub(crate) columns: Vec<Column>,
    pub(crate) hash: String,
    /// The fused form, if there is one.
    pub(crate) program: Option<Program>,
    pub(crate) instructions: Instructions,
}

/// The CPU instructions that a plan uses. Results are the same with all of them.
#[derive(Debug, Clone, Copy)]
pub struct Instructions {
    /// For the structural scan.
    pub scan: Kernel,
    /// For SHA-256.
    pub digest: Path,
}

impl Instructions {
    /// The instructions that every CPU has.
    pub const PORTABLE: Self = Self { scan: Kernel::Portable, digest: Path::Portable };

    /// Return the best instructions of this CPU.
    #[must_use]
    pub fn detected() -> Self {
        Self { scan: Kernel::detected(), digest: Path::detected() }
    }
}

impl Plan {
    /// Return the SHA-256, in hexadecimal, over the RFC 8785 bytes of `{"contract": …, "profile": <spec>}`.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Return the length of the longest record that is read, in bytes without the line ending
    /// (`limits.recordBytesMax`).
    #[must_use]
    pub const fn record_bytes_max(&self) -> usize {
        self.limits.bytes_max
    }

    /// Return the names of the canonical fields, in the order of their bytes.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }

    /// Return the names and types of the contract's columns, by name. Types are named as `PyArrow` names them.
    pub fn columns(&self) -> impl Iterator<Item = (&str, String)> {
        self.columns.iter().map(|column| (column.name.as_str(), column.type_name()))
    }

    /// Return whether records run through the fused engine; results are the same without it.
    #[must_use]
    pub fn is_fused(&self) -> bool {
        self.program.is_some()
    }

    /// Return the same plan without its fused form, for tests and benchmarks that compare the two engines.
    #[must_use]
    pub fn without_fusion(self) -> Self {
        Self { program: None, records_scan_path: None, ..self }
    }

    /// Return the same plan on given instructions, for tests and benchmarks that compare them.
    #[must_use]
    pub fn with_instructions(self, instructions: Instructions) -> Self {
        Self { instructions, ..self }
    }

    /// Return the fields that have queries on records, or on children, with their queries.
    pub(crate) fn queries(&self, on_children: bool) -> impl Iterator<Item = (&Field, &Query)> {
        self.fields.iter().filter_map(move |field| match &field.origin {
            Origin::Query { query, of_child } if *of_child == on_children => Some((field, query)),
            _ => None,
        })
    }
}
