//! One field of `mapping`, in short or long form. Ops are kept as JSON here; `chartly-transform` compiles them.

use serde_json::Value;

use super::read::Reader;
use crate::error::PlanError;

/// Keys of a field's long form.
const FIELD_KEYS: &[&str] = &["path", "const", "default", "collect", "keepNull", "transforms"];

/// The source of a field's value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Source {
    /// An RFC 9535 query on the record.
    Path(String),
    /// A constant.
    Const(Value),
    /// None: the field's transforms make the value (`coalesce`, `template`).
    Computed,
}

/// A field of the canonical record.
#[derive(Debug, Clone)]
pub(crate) struct FieldSpec {
    pub(crate) name: String,
    pub(crate) pointer: String,
    /// Whether the profile states only a path.
    pub(crate) is_short: bool,
    pub(crate) source: Source,
    pub(crate) default: Option<Value>,
    pub(crate) collect: bool,
    pub(crate) keep_null: bool,
    pub(crate) transforms: Vec<OpSpec>,
}

/// A transform as the profile wrote it.
#[derive(Debug, Clone)]
pub(crate) struct OpSpec {
    pub(crate) pointer: String,
    /// The whole `{op: …}`, without `field`.
    pub(crate) value: Value,
}

impl FieldSpec {
    pub(crate) fn read(name: &str, reader: &Reader<'_>) -> Result<Self, PlanError> {
        let mut field = Self {
            name: name.to_owned(),
            pointer: reader.pointer.clone(),
            is_short: reader.value.is_string(),
            source: Source::Path(String::new()),
            default: None,
            collect: false,
            keep_null: false,
            transforms: Vec::new(),
        };
        if reader.value.is_string() {
            field.source = Source::Path(reader.name()?.to_owned());
            return Ok(field);
        }
        reader.map_of(FIELD_KEYS)?;
        field.source = source(reader)?;
        field.default = reader.child("default").map(|child| child.value.clone());
        if let Some(child) = reader.child("collect") {
            field.collect = child.truth()?;
        }
        if let Some(child) = reader.child("keepNull") {
            field.keep_null = child.truth()?;
        }
        if let Some(child) = reader.child("transforms") {
            field.transforms = child.list()?.iter().map(OpSpec::read).collect::<Result<_, _>>()?;
        }
        Ok(field)
    }
}

fn source(reader: &Reader<'_>) -> Result<Source, PlanError> {
    match (reader.child("path"), reader.child("const")) {
        (Some(path), None) => Ok(Source::Path(path.name()?.to_owned())),
        (None, Some(constant)) => {
            for key in ["default", "collect", "keepNull"] {
                if let Some(child) = reader.child(key) {
                    return Err(child.error("conflict", format!("a const has no {key}")));
                }
            }
            Ok(Source::Const(constant.value.clone()))
        }
        (Some(_), Some(constant)) => Err(constant.error("conflict", "a field has either path or const")),
        (None, None) if reader.child("transforms").is_some() => Ok(Source::Computed),
        (None, None) => Err(reader.error("missingKey", "a field needs path, const, or transforms that make its value")),
    }
}

impl OpSpec {
    /// Read an op of a field's own list.
    pub(crate) fn read(reader: &Reader<'_>) -> Result<Self, PlanError> {
        reader.map()?;
        reader.required("op")?.name()?;
        Ok(Self { pointer: reader.pointer.clone(), value: reader.value.clone() })
    }

    /// Read an op of `spec.transforms`, and the field that it names.
    pub(crate) fn read_with_field(reader: &Reader<'_>) -> Result<(String, Self), PlanError> {
        let mut op = Self::read(reader)?;
        let field = reader.required("field")?.name()?.to_owned();
        if let Value::Object(map) = &mut op.value {
            map.remove("field");
        }
        Ok((field, op))
    }
}
