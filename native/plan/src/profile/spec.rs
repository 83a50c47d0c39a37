//! The profile's `spec`, with its cross references checked. Paths, ops and the contract are not parsed here.

use serde_json::Value;

use super::field::{FieldSpec, OpSpec};
use super::read::Reader;
use crate::error::PlanError;

/// Keys of a whole profile document.
const DOCUMENT_KEYS: &[&str] = &["apiVersion", "kind", "metadata", "spec"];
/// Keys of `spec`. The platform reads `contract`, `description` and `dataset`; here they are only hashed.
const SPEC_KEYS: &[&str] = &[
    "canonicalEventType",
    "requiredFields",
    "mapping",
    "transforms",
    "limits",
    "recordsPath",
    "explode",
    "allowEmpty",
    "input",
    "dedupe",
    "contract",
    "description",
    "dataset",
];
const LIMIT_KEYS: &[&str] = &["depthMax", "recordBytesMax", "queryNodesMax"];
const DEDUPE_KEYS: &[&str] = &["keys", "policy"];
/// What happens to a repeated key with other content. Storage applies it when records are committed.
const DEDUPE_POLICIES: &[&str] = &["first", "last", "quarantine"];

/// The most bytes that a profile may allow for a record, as the profiles' schema says: a 16th of what a span can
/// address.
const RECORD_BYTES_CEILING: u64 = 256 << 20;

/// About ten milliseconds of visiting nodes: far more than a query needs that passes over a record a few times.
const QUERY_NODES_MAX: u64 = 1_000_000;
/// About ten seconds, for authors that know what a query costs.
const QUERY_NODES_CEILING: u64 = 1_000_000_000;

/// How records are separated in the input, as the profile states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputKind {
    /// Decided by `recordsPath` and the input's first bytes.
    Auto,
    /// One record a line.
    Ndjson,
    /// One JSON text: an array of records, a record, or a page that `recordsPath` selects from.
    Json,
}

/// A normalizer profile, read.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    pub(crate) event_type: String,
    pub(crate) required: Vec<String>,
    /// In the order of names, as RFC 8785 orders keys.
    pub(crate) fields: Vec<FieldSpec>,
    /// `spec.transforms` in their order, each with the position of its field. They run after the fields' own ops.
    pub(crate) transforms: Vec<(usize, OpSpec)>,
    pub(crate) limits: chartly_json::Limits,
    /// Nodes that a record's queries may visit in total, beyond a few passes over it.
    pub(crate) query_nodes_max: u64,
    /// A query and its pointer.
    pub(crate) records_path: Option<(String, String)>,
    /// A query and its pointer.
    pub(crate) explode: Option<(String, String)>,
    /// Whether `recordsPath` and `explode` may lead to no array.
    pub(crate) allow_empty: bool,
    pub(crate) input: InputKind,
    pub(crate) dedupe_keys: Vec<String>,
}

impl Profile {
    /// Read a whole profile document or a bare spec.
    pub(crate) fn read(document: &Value) -> Result<Self, PlanError> {
        let root = Reader::new(document, "");
        let spec = if document.get("spec").is_some() {
            root.map_of(DOCUMENT_KEYS)?;
            root.required("spec")?
        } else {
            root
        };
        spec.map_of(SPEC_KEYS)?;
        let mut profile = Self {
            event_type: spec.required("canonicalEventType")?.name()?.to_owned(),
            required: names(&spec, "requiredFields")?,
            fields: fields(&spec)?,
            transforms: Vec::new(),
            limits: limits(&spec)?,
            query_nodes_max: query_nodes_max(&spec)?,
            records_path: query(&spec, "recordsPath")?,
            explode: query(&spec, "explode")?,
            allow_empty: spec.child("allowEmpty").map_or(Ok(false), |allowed| allowed.truth())?,
            input: input(&spec)?,
            dedupe_keys: dedupe(&spec)?,
        };
        if let Some(transforms) = spec.child("transforms") {
            profile.append_transforms(&transforms)?;
        }
        profile.check_names(&spec)?;
        Ok(profile)
    }

    /// Return the part of the document that the plan's hash covers.
    pub(crate) fn spec_of(document: &Value) -> &Value {
        document.get("spec").unwrap_or(document)
    }

    fn append_transforms(&mut self, transforms: &Reader<'_>) -> Result<(), PlanError> {
        for reader in transforms.list()? {
            let (name, op) = OpSpec::read_with_field(&reader)?;
            match self.fields.iter().position(|field| field.name == name) {
                Some(position) => self.transforms.push((position, op)),
                None => {
                    return Err(reader.required("field")?.error("unmappedField", format!("{name:?} is not mapped")));
                }
            }
        }
        Ok(())
    }

    fn check_names(&self, spec: &Reader<'_>) -> Result<(), PlanError> {
        let is_known = |name: &String| name == "type" || self.fields.iter().any(|field| field.name == *name);
        for (list, names) in [("requiredFields", &self.required), ("dedupe/keys", &self.dedupe_keys)] {
            for (index, name) in names.iter().enumerate() {
                let place = format!("{}/{list}/{index}", spec.pointer);
                if !is_known(name) {
                    return Err(PlanError::profile(place, "unmappedField", format!("{name:?} is not mapped")));
                }
                if names[..index].contains(name) {
                    return Err(PlanError::profile(place, "duplicate", format!("{name:?} is listed twice")));
                }
            }
        }
        Ok(())
    }
}

fn names(spec: &Reader<'_>, key: &str) -> Result<Vec<String>, PlanError> {
    let Some(list) = spec.child(key) else { return Ok(Vec::new()) };
    list.list()?.iter().map(|name| name.name().map(str::to_owned)).collect()
}

fn fields(spec: &Reader<'_>) -> Result<Vec<FieldSpec>, PlanError> {
    let mapping = spec.required("mapping")?;
    let mut fields = Vec::new();
    for (name, value) in mapping.map()? {
        let reader = mapping.child_at(name, value);
        if name == "type" {
            return Err(reader.error("reservedField", "type is canonicalEventType; it cannot be mapped"));
        }
        fields.push(FieldSpec::read(name, &reader)?);
    }
    fields.sort_by(|left, right| left.name.encode_utf16().cmp(right.name.encode_utf16()));
    Ok(fields)
}

fn limits(spec: &Reader<'_>) -> Result<chartly_json::Limits, PlanError> {
    let mut limits = chartly_json::Limits::default();
    let Some(reader) = spec.child("limits") else { return Ok(limits) };
    reader.map_of(LIMIT_KEYS)?;
    if let Some(depth) = reader.child("depthMax") {
        limits.depth_max = bounded(&depth, chartly_json::DEPTH_CEILING as u64)?;
    }
    if let Some(bytes) = reader.child("recordBytesMax") {
        limits.bytes_max = bounded(&bytes, RECORD_BYTES_CEILING)?;
    }
    Ok(limits)
}

fn query_nodes_max(spec: &Reader<'_>) -> Result<u64, PlanError> {
    let limit = spec.child("limits").and_then(|limits| limits.child("queryNodesMax"));
    limit.map_or(Ok(QUERY_NODES_MAX), |limit| limit.whole_within(1, QUERY_NODES_CEILING))
}

fn bounded(reader: &Reader<'_>, most: u64) -> Result<usize, PlanError> {
    let number = reader.whole_within(1, most)?;
    usize::try_from(number).map_err(|_| reader.error("range", "is too large for this machine"))
}

fn query(spec: &Reader<'_>, key: &str) -> Result<Option<(String, String)>, PlanError> {
    let Some(path) = spec.child(key) else { return Ok(None) };
    Ok(Some((path.name()?.to_owned(), path.pointer)))
}

fn input(spec: &Reader<'_>) -> Result<InputKind, PlanError> {
    let Some(reader) = spec.child("input") else { return Ok(InputKind::Auto) };
    match reader.text()? {
        "auto" => Ok(InputKind::Auto),
        "ndjson" if spec.child("recordsPath").is_some() => {
            Err(reader.error("conflict", "recordsPath selects from a page; ndjson input has none"))
        }
        "ndjson" => Ok(InputKind::Ndjson),
        "json" => Ok(InputKind::Json),
        _ => Err(reader.error("unknownValue", "must be auto, ndjson or json")),
    }
}

fn dedupe(spec: &Reader<'_>) -> Result<Vec<String>, PlanError> {
    let Some(reader) = spec.child("dedupe") else { return Ok(Vec::new()) };
    reader.map_of(DEDUPE_KEYS)?;
    if let Some(policy) = reader.child("policy")
        && !DEDUPE_POLICIES.contains(&policy.text()?)
    {
        return Err(policy.error("unknownValue", format!("must be one of {}", DEDUPE_POLICIES.join(", "))));
    }
    names(&reader, "keys")
}
