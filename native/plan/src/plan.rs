//! The plan: everything that a run reads and nothing that it changes. Compiling it is in `compile`, running it elsewhere.

use std::sync::Arc;

use chartly_contract::Contract;
use chartly_digest::Path;
use chartly_json::Limits;
use chartly_json::scan::Kernel;
use chartly_path::Query;

use crate::columns::Column;
use crate::field::{Field, LateOp, Origin};
use crate::fused::{Program, Way};
use crate::profile::InputKind;

/// A resolved normalizer profile and its contract, compiled. Shared by all threads.
#[derive(Debug)]
pub struct Plan {
    /// In canonical order, `type` among them.
    pub(crate) fields: Vec<Field>,
    /// `spec.transforms`: the position of a field and what is done to it.
    pub(crate) late_ops: Vec<LateOp>,
    /// Positions of `requiredFields`, in canonical order.
    pub(crate) required: Vec<usize>,
    pub(crate) contract: Arc<Contract>,
    pub(crate) limits: Limits,
    /// `limits.queryNodesMax`.
    pub(crate) query_nodes_max: u64,
    pub(crate) records_path: Option<Query>,
    /// The same as a way to follow without a tree, when it is one.
    pub(crate) records_way: Option<Way>,
    /// What makes several children of a record, each of which becomes canonical by itself.
    pub(crate) explode: Option<Query>,
    pub(crate) input: InputKind,
    /// Positions of `dedupe.keys`, as the profile orders them.
    pub(crate) dedupe: Vec<usize>,
    pub(crate) columns: Vec<Column>,
    pub(crate) hash: String,
    /// The fused form, when there is one.
    pub(crate) program: Option<Program>,
    pub(crate) instructions: Instructions,
}

/// Which of the CPU's instructions a plan uses. Answers are the same with all of them.
#[derive(Debug, Clone, Copy)]
pub struct Instructions {
    /// For the structural scan.
    pub scan: Kernel,
    /// For SHA-256.
    pub digest: Path,
}

impl Instructions {
    /// Those that any CPU has.
    pub const PORTABLE: Self = Self { scan: Kernel::Portable, digest: Path::Portable };

    /// The best that this CPU has.
    #[must_use]
    pub fn detected() -> Self {
        Self { scan: Kernel::detected(), digest: Path::detected() }
    }
}

impl Plan {
    /// SHA-256, in hexadecimal, over the RFC 8785 bytes of `{"contract": …, "profile": <spec>}`.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The longest record that is read, in bytes without the line's end (`limits.recordBytesMax`).
    #[must_use]
    pub const fn record_bytes_max(&self) -> usize {
        self.limits.bytes_max
    }

    /// The names of the canonical fields, in the order of their bytes.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name.as_str())
    }

    /// Whether records run through the fused engine at all; answers are the same without it.
    #[must_use]
    pub fn is_fused(&self) -> bool {
        self.program.is_some()
    }

    /// The same plan without its fused form: for tests and measurements that compare the two engines.
    #[must_use]
    pub fn without_fusion(self) -> Self {
        Self { program: None, records_way: None, ..self }
    }

    /// The same plan on named instructions: for tests and measurements that compare them.
    #[must_use]
    pub fn with_instructions(self, instructions: Instructions) -> Self {
        Self { instructions, ..self }
    }

    /// The fields' queries on records, or on their children.
    pub(crate) fn queries(&self, on_children: bool) -> impl Iterator<Item = (&Field, &Query)> {
        self.fields.iter().filter_map(move |field| match &field.origin {
            Origin::Query { query, of_child } if *of_child == on_children => Some((field, query)),
            _ => None,
        })
    }
}
