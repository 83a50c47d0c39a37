//! The columns and their types: the contract's properties, and mapped fields that the contract doesn't name.

use std::collections::HashMap;

use arrow_schema::{DataType, Field as ArrowField, TimeUnit};
use chartly_contract::{COLUMN_DATE, COLUMN_DATE_RANGE, COLUMN_INSTANT, COLUMN_INSTANT_RANGE};
use serde_json::{Map, Value};

use crate::field::Field;
use crate::profile::Profile;

/// Most digits of a decimal128.
const DECIMAL_DIGITS_MAX: u64 = 38;

/// Return the metadata of a column of texts: whether they are characters of strings, or canonical JSON of any values. A
/// table keeps one of them in a column.
fn encoded_as(encoding: &str) -> HashMap<String, String> {
    HashMap::from([("chartly.encoding".to_owned(), encoding.to_owned())])
}

/// How a column's value is read from canonical text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The characters of a string.
    Text,
    /// Canonical JSON of any value.
    Json,
    Float,
    Integer,
    Boolean,
    /// Microseconds since 1970. Finer digits are cut off towards the past.
    Timestamp,
    Date,
    Decimal {
        precision: u8,
        scale: i8,
    },
}

/// A column of accepted records.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Position of the field that fills the column. A property that is not mapped has none; its column is null.
    pub(crate) field: Option<usize>,
}

impl Column {
    pub(crate) fn arrow_field(&self) -> ArrowField {
        let data_type = match self.kind {
            Kind::Text | Kind::Json => DataType::Utf8,
            Kind::Float => DataType::Float64,
            Kind::Integer => DataType::Int64,
            Kind::Boolean => DataType::Boolean,
            Kind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Kind::Date => DataType::Date32,
            Kind::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
        };
        let field = ArrowField::new(&self.name, data_type, true);
        match self.kind {
            Kind::Text => field.with_metadata(encoded_as("text")),
            Kind::Json => field.with_metadata(encoded_as("json")),
            _ => field,
        }
    }

    /// Return the type's name as `PyArrow` writes it, which is how datasets name the types of their columns.
    pub(crate) fn type_name(&self) -> String {
        match self.kind {
            Kind::Text | Kind::Json => "string".to_owned(),
            Kind::Float => "double".to_owned(),
            Kind::Integer => "int64".to_owned(),
            Kind::Boolean => "bool".to_owned(),
            Kind::Timestamp => "timestamp[us, tz=UTC]".to_owned(),
            Kind::Date => "date32[day]".to_owned(),
            Kind::Decimal { precision, scale } => format!("decimal128({precision}, {scale})"),
        }
    }
}

/// Return the plan's columns, in the order of their names.
pub(crate) fn of(contract: &Value, fields: &[Field], spec: &Profile) -> Vec<Column> {
    let empty = serde_json::Map::new();
    let properties = contract.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let mut columns: Vec<Column> = fields
        .iter()
        .enumerate()
        .map(|(position, field)| Column {
            name: field.name.clone(),
            kind: decimal_of(&field.name, spec)
                .unwrap_or_else(|| properties.get(&field.name).map_or(Kind::Json, |schema| kind_of(schema, contract))),
            field: Some(position),
        })
        .collect();
    for (name, schema) in properties {
        if !fields.iter().any(|field| field.name == *name) {
            columns.push(Column { name: name.clone(), kind: kind_of(schema, contract), field: None });
        }
    }
    columns.sort_by(|one, other| chartly_canonical::compare_keys(&one.name, &other.name));
    columns
}

/// The largest integer that fits 64 bits and that RFC 8785 writes exactly. It writes the next one as
/// 9223372036854776000, which is beyond 64 bits.
const INTEGER_MAX: i64 = 9_223_372_036_854_775_000;

/// Return the contract with the bounds of its columns: integers within 64 bits, instants and dates in the years 0001 to
/// 9999, which every reader of the table has. A value that the column can't hold is then a contract violation and not
/// lost in the column.
pub(crate) fn storable(contract: &Value, columns: &[Column]) -> Value {
    let mut bounded = contract.clone();
    let Some(properties) = bounded.get_mut("properties").and_then(Value::as_object_mut) else { return bounded };
    for column in columns {
        let Some(schema) = properties.get_mut(&column.name).and_then(Value::as_object_mut) else { continue };
        match column.kind {
            Kind::Integer => bound_integer(schema, contract),
            Kind::Timestamp => bound_time(schema, COLUMN_INSTANT, COLUMN_INSTANT_RANGE),
            Kind::Date => bound_time(schema, COLUMN_DATE, COLUMN_DATE_RANGE),
            _ => {}
        }
    }
    bounded
}

/// Add bounds to an integer's schema, where it has none within 64 bits.
fn bound_integer(schema: &mut Map<String, Value>, contract: &Value) {
    let rules = [schema.clone().into(), resolved(&schema.clone().into(), contract).clone()];
    let limits = |keys: [&'static str; 2]| {
        rules.iter().flat_map(move |rules| keys.map(|key| rules.get(key).and_then(Value::as_f64))).flatten()
    };
    // Both bounds and every accepted number are exact as doubles.
    #[allow(clippy::cast_precision_loss)]
    let (least, greatest) = (-INTEGER_MAX as f64, INTEGER_MAX as f64);
    let (mut above, mut below) = (limits(["maximum", "exclusiveMaximum"]), limits(["minimum", "exclusiveMinimum"]));
    if !above.any(|limit| limit <= greatest) {
        schema.insert("maximum".to_owned(), INTEGER_MAX.into());
    }
    if !below.any(|limit| limit >= least) {
        schema.insert("minimum".to_owned(), (-INTEGER_MAX).into());
    }
}

/// Narrow the format of an instant's or a date's schema. Where a reference leads to the format, the range alone is added:
/// the referred schema reports texts that don't have the format.
fn bound_time(schema: &mut Map<String, Value>, narrowed: &str, range: &str) {
    let format = match schema.get("format").and_then(Value::as_str) {
        Some("date-time" | "date") => narrowed,
        None => range,
        // Another format beside a reference: both hold already, and a property has one format.
        Some(_) => return,
    };
    schema.insert("format".to_owned(), format.into());
}

/// Return the type of exact decimals where a field's last transform is `toDecimal`.
fn decimal_of(name: &str, spec: &Profile) -> Option<Kind> {
    let position = spec.fields.iter().position(|field| field.name == name)?;
    let late = spec.transforms.iter().rev().find(|(field, _)| *field == position).map(|(_, op)| op);
    let last = &late.or_else(|| spec.fields[position].transforms.last())?.value;
    let whole = |key: &str| last.get(key).and_then(Value::as_u64).filter(|number| *number <= DECIMAL_DIGITS_MAX);
    let (precision, scale) = match last.get("op")?.as_str()? {
        "toDecimal" => (whole("precision")?, whole("scale")?),
        _ => return None,
    };
    Some(Kind::Decimal { precision: u8::try_from(precision).ok()?, scale: i8::try_from(scale).ok()? })
}

/// Return the type that a property's schema names, a local `$ref` followed. A value without a single type is stored as
/// JSON.
fn kind_of(schema: &Value, contract: &Value) -> Kind {
    let schema = resolved(schema, contract);
    let constant = schema.get("const").or_else(|| schema.get("enum").and_then(|values| values.get(0)));
    let name = match schema.get("type") {
        Some(Value::String(name)) => name.as_str(),
        Some(Value::Array(names)) => {
            let mut others = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            match (others.next(), others.next()) {
                (Some(name), None) => name,
                _ => return Kind::Json,
            }
        }
        _ if constant.is_some_and(Value::is_string) => "string",
        _ => return Kind::Json,
    };
    let format = schema.get("format").and_then(Value::as_str);
    match (name, format) {
        ("string", Some("date-time")) => Kind::Timestamp,
        ("string", Some("date")) => Kind::Date,
        ("string", _) => Kind::Text,
        ("number", _) => Kind::Float,
        ("integer", _) => Kind::Integer,
        ("boolean", _) => Kind::Boolean,
        _ => Kind::Json,
    }
}

/// Return the schema that a local `$ref` leads to, or the schema itself when it has none.
fn resolved<'v>(schema: &'v Value, contract: &'v Value) -> &'v Value {
    let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| contract.pointer(pointer)).unwrap_or(schema)
}
