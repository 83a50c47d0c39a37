//! A compiled field: the source of its value and its ops. It runs nothing.

use std::sync::Arc;

use chartly_json::{NumberError, Object, Value};
use chartly_path::Query;
use chartly_transform::{Op, OpError, Secrets};

use crate::error::PlanError;
use crate::profile::{FieldSpec, OpSpec, Source, escape_pointer};
use crate::reason::{Reason, ReasonCode};

/// The compiled source of a field's value.
#[derive(Debug)]
pub(crate) enum Origin {
    /// A query on the record, or on the child that `explode` made of it.
    Query {
        query: Query,
        of_child: bool,
    },
    Const(Value<'static>),
    Computed,
}

/// An op of `spec.transforms`, and the position of its field.
pub(crate) type LateOp = (usize, Arc<dyn Op>);

/// A field of the canonical record, compiled.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    pub(crate) default: Option<Value<'static>>,
    pub(crate) collect: bool,
    pub(crate) keep_null: bool,
    pub(crate) ops: Vec<Arc<dyn Op>>,
    /// The name with quotes and a colon, as it is written into canonical bytes.
    pub(crate) key: Vec<u8>,
}

impl Field {
    pub(crate) fn compile(spec: &FieldSpec, secrets: &dyn Secrets) -> Result<Self, PlanError> {
        let origin = match &spec.source {
            Source::Path(text) => {
                let of_child = text.starts_with('@');
                let text = text.strip_prefix('@').map_or_else(|| text.clone(), |rest| format!("${rest}"));
                let query = Query::parse(&text).map_err(|error| {
                    let place = if spec.is_short { spec.pointer.clone() } else { format!("{}/path", spec.pointer) };
                    PlanError::profile(place, "path", error.to_string())
                })?;
                Origin::Query { query, of_child }
            }
            Source::Const(value) => Origin::Const(literal(value, &format!("{}/const", spec.pointer))?),
            Source::Computed => Origin::Computed,
        };
        let default = match &spec.default {
            Some(value) => Some(literal(value, &format!("{}/default", spec.pointer))?),
            None => None,
        };
        let ops = spec.transforms.iter().map(|op| compile_op(op, secrets)).collect::<Result<_, _>>()?;
        Ok(Self {
            name: spec.name.clone(),
            origin,
            default,
            collect: spec.collect,
            keep_null: spec.keep_null,
            ops,
            key: key_of(&spec.name),
        })
    }

    /// Return the field `type`, which every record has.
    pub(crate) fn event_type(event_type: &str) -> Self {
        Self {
            name: "type".to_owned(),
            origin: Origin::Const(Value::String(event_type.to_owned().into())),
            default: None,
            collect: false,
            keep_null: false,
            ops: Vec::new(),
            key: key_of("type"),
        }
    }

    /// Return the reason for a query that visits more nodes than `limits.queryNodesMax` allows.
    pub(crate) fn exceeded(&self) -> Reason {
        let (path, rule) = (self.path(), "path/queryNodesMax".to_owned());
        Reason { code: ReasonCode::TransformFailed, field: self.name.clone(), path, rule }
    }

    /// Return the reason for a number in the field's value that a double can't hold.
    pub(crate) fn number_reason(&self, error: NumberError) -> Reason {
        let (code, rule) = match error {
            NumberError::Overflow => (ReasonCode::TransformFailed, "number/overflow"),
            NumberError::PrecisionLoss => (ReasonCode::PrecisionLoss, "number/precision_loss"),
        };
        Reason { code, field: self.name.clone(), path: self.path(), rule: rule.to_owned() }
    }

    /// Return the query as the profile writes it, or an empty text.
    pub(crate) fn path(&self) -> String {
        match &self.origin {
            Origin::Query { query, of_child: false } => query.text().to_owned(),
            Origin::Query { query, of_child: true } => query.text().replacen('$', "@", 1),
            Origin::Const(_) | Origin::Computed => String::new(),
        }
    }
}

fn key_of(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 3);
    chartly_canonical::write_string(name, &mut key);
    key.push(b':');
    key
}

/// Return a value that the profile states. Its numbers enter the payload, so a double must hold them.
fn literal(value: &serde_json::Value, pointer: &str) -> Result<Value<'static>, PlanError> {
    let value = owned(value);
    match chartly_canonical::write_value(&value, &mut Vec::new()) {
        Ok(()) => Ok(value),
        Err(error) => Err(PlanError::profile(pointer, "number", error.to_string())),
    }
}

/// Return the same value as a `chartly-json` tree.
pub(crate) fn owned(value: &serde_json::Value) -> Value<'static> {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => Value::Number(number.to_string().into()),
        serde_json::Value::String(text) => Value::String(text.clone().into()),
        serde_json::Value::Array(elements) => {
            Value::Array(elements.iter().map(|element| chartly_json::Node::computed(owned(element))).collect())
        }
        serde_json::Value::Object(members) => {
            let mut object = Object::default();
            for (key, member) in members {
                object.push(key.clone(), owned(member));
            }
            Value::Object(object)
        }
    }
}

/// Compile one transform.
pub(crate) fn compile_op(spec: &OpSpec, secrets: &dyn Secrets) -> Result<Arc<dyn Op>, PlanError> {
    let Value::Object(options) = owned(&spec.value) else {
        return Err(PlanError::profile(&spec.pointer, "type", "must be an object"));
    };
    let name = options.get("op").and_then(|node| node.value.as_str()).unwrap_or_default();
    chartly_transform::compile(name, &options, secrets).map(Arc::from).map_err(|error| {
        let (place, rule) = match &error {
            OpError::UnknownOp { .. } => ("op".to_owned(), "unknownOp"),
            _ => (error.option().map(escape_pointer).unwrap_or_default(), "option"),
        };
        PlanError::profile(format!("{}/{place}", spec.pointer), rule, error.to_string())
    })
}
