//! Compile a profile and a contract to a plan. Every error names its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use chartly_canonical::canonicalize;
use chartly_contract::{Contract, ContractError, Resources};
use chartly_json::Node;
use chartly_path::Query;
use chartly_transform::{NoSecrets, Op, Secrets};
use serde_json::Value;

use crate::columns;
use crate::error::PlanError;
use crate::field::{Field, LateOp, compile_op};
use crate::fused::{Parts, Program, ScanPath};
use crate::plan::{Instructions, Plan};
use crate::profile::{FieldSpec, OpSpec, Profile, Source};

/// What a plan is compiled with, besides its two documents.
pub struct CompileContext<'s> {
    /// Schemas that the contract's references may lead to, by URI. Nothing is fetched.
    pub resources: BTreeMap<String, Value>,
    /// The source of keys for `hmac` and `tokenize`.
    pub secrets: &'s dyn Secrets,
}

impl Default for CompileContext<'_> {
    fn default() -> Self {
        Self { resources: BTreeMap::new(), secrets: &NoSecrets }
    }
}

impl Plan {
    /// Compile a resolved normalizer profile (the whole document, or its `spec` alone) and a contract (JSON Schema).
    ///
    /// # Errors
    /// The first rule that a document breaks, and its place.
    pub fn compile(profile: &Value, contract: &Value) -> Result<Self, PlanError> {
        Self::compile_within(profile, contract, &CompileContext::default())
    }

    /// Compile with schemas to refer to and with secrets.
    ///
    /// # Errors
    /// The first rule that a document breaks, and its place.
    pub fn compile_within(profile: &Value, contract: &Value, within: &CompileContext<'_>) -> Result<Self, PlanError> {
        let spec = Profile::read(profile)?;
        let mut fields: Vec<Field> =
            spec.fields.iter().map(|field| Field::compile(field, within.secrets)).collect::<Result<_, _>>()?;
        let type_position =
            fields.partition_point(|field| chartly_canonical::compare_keys(&field.name, "type").is_lt());
        fields.insert(type_position, Field::event_type(&spec.event_type));
        let position_of = |name: &String| fields.iter().position(|field| field.name == *name);
        let mut required: Vec<usize> = spec.required.iter().filter_map(position_of).collect();
        required.sort_unstable();
        let dedupe = spec.dedupe_keys.iter().filter_map(position_of).collect();
        let late_ops = late_ops(&spec, type_position, within.secrets)?;
        check_reads(&spec, &fields, &late_ops)?;
        let columns = columns::of(contract, &fields, &spec);
        columns::check_names(&columns, &spec)?;
        let hash = hash(Profile::spec_of(profile), contract)?;
        let schema = &columns::storable(contract, &columns);
        let contract = Arc::new(compile_contract(schema, &within.resources)?);
        let records_path = records_path(&spec)?;
        let explode = explode(&spec)?;
        let depth_max = spec.limits.depth_max;
        let parts =
            Parts { fields: &fields, late_ops: &late_ops, required: &required, contract: &contract, schema, depth_max };
        let program = if explode.is_none() { Program::new(parts) } else { None };
        Ok(Self {
            fields,
            late_ops,
            required,
            contract,
            limits: spec.limits,
            query_nodes_max: spec.query_nodes_max,
            records_scan_path: records_path.as_ref().map_or_else(|| Some(ScanPath::default()), ScanPath::of),
            records_path,
            explode,
            allow_empty: spec.allow_empty,
            input: spec.input,
            dedupe,
            columns,
            hash,
            program,
            instructions: Instructions::detected(),
        })
    }
}

/// Compile the ops of `spec.transforms`. Positions count `type` among the fields.
fn late_ops(spec: &Profile, type_position: usize, secrets: &dyn Secrets) -> Result<Vec<LateOp>, PlanError> {
    let place = |position: usize| position + usize::from(position >= type_position);
    spec.transforms.iter().map(|(position, op)| Ok((place(*position), compile_op(op, secrets)?))).collect()
}

/// Check that ops read only mapped fields and `type`.
fn check_reads(spec: &Profile, fields: &[Field], late_ops: &[LateOp]) -> Result<(), PlanError> {
    let own = spec.fields.iter().flat_map(|field| {
        let ops = fields.iter().find(|compiled| compiled.name == field.name).map_or(&[][..], |compiled| &compiled.ops);
        field.transforms.iter().zip(ops.iter().map(|op| &**op))
    });
    let late = spec.transforms.iter().map(|(_, op)| op).zip(late_ops.iter().map(|(_, op)| &**op));
    let check = |(spec, op): (&OpSpec, &dyn Op)| {
        let unknown = op.reads().iter().find(|name| !fields.iter().any(|field| field.name == ***name));
        match unknown {
            None => Ok(()),
            Some(name) => Err(PlanError::profile(&spec.pointer, "unmappedField", format!("{name:?} is not mapped"))),
        }
    };
    own.chain(late).try_for_each(check)
}

/// Return the query of `explode`. Without one, a path that starts with `@` is an error.
fn explode(spec: &Profile) -> Result<Option<Query>, PlanError> {
    if let Some((text, pointer)) = &spec.explode {
        let query = Query::parse(text).map_err(|error| PlanError::profile(pointer, "path", error.to_string()))?;
        return Ok(Some(query));
    }
    let speaks_of_child = |field: &&FieldSpec| matches!(&field.source, Source::Path(text) if text.starts_with('@'));
    match spec.fields.iter().find(speaks_of_child) {
        None => Ok(None),
        Some(field) => {
            let detail = "a path on @ needs explode, which makes children of a record";
            Err(PlanError::profile(&field.pointer, "missingExplode", detail))
        }
    }
}

fn records_path(spec: &Profile) -> Result<Option<Query>, PlanError> {
    let Some((text, pointer)) = &spec.records_path else { return Ok(None) };
    let query = Query::parse(text).map_err(|error| PlanError::profile(pointer, "path", error.to_string()))?;
    Ok(Some(query))
}

fn compile_contract(contract: &Value, resources: &BTreeMap<String, Value>) -> Result<Contract, PlanError> {
    let schema = Node::computed(crate::field::owned(contract));
    let resources: Resources =
        resources.iter().map(|(uri, schema)| (uri.clone(), Node::computed(crate::field::owned(schema)))).collect();
    Contract::compile(&schema, &resources).map_err(|error| contract_error(&error))
}

fn contract_error(error: &ContractError) -> PlanError {
    let (pointer, rule) = match error {
        ContractError::InvalidSchema { pointer, .. } => (pointer.as_str(), "schema"),
        ContractError::UnresolvableReference { pointer, .. } => (pointer.as_str(), "reference"),
        ContractError::CircularReference { pointer, .. } => (pointer.as_str(), "circularReference"),
        ContractError::UnusablePattern { pointer, .. } => (pointer.as_str(), "pattern"),
        ContractError::InvalidIdentifier { pointer, .. } => (pointer.as_str(), "identifier"),
        ContractError::UnknownDialect { .. } => ("/$schema", "dialect"),
        _ => ("", "vocabulary"),
    };
    PlanError::contract(pointer, rule, error.to_string())
}

fn hash(spec: &Value, contract: &Value) -> Result<String, PlanError> {
    let both = serde_json::json!({ "contract": contract, "profile": spec }).to_string();
    let bytes = canonicalize(both.as_bytes())
        .map_err(|error| PlanError::profile("", "canonical", format!("has no canonical form: {error}")))?;
    let hex = chartly_digest::hex(&chartly_digest::digest(&bytes));
    Ok(String::from_utf8_lossy(&hex).into_owned())
}
