//! The interface of an op: compiled once from a profile, then applied to one field of many records.
//!
//! The plan decides which fields are mapped and in which order transforms run.

use std::fmt::Debug;

use chartly_json::Value;

use crate::Failure;

/// The result of an op.
#[derive(Debug, Clone)]
pub enum Outcome<'a> {
    /// The field's new value.
    Value(Value<'a>),
    /// The field is absent from here on.
    Dropped,
}

/// The other fields of the record, as they are when the op runs.
pub trait Fields<'a> {
    /// Return a field's value; `None` when it is absent or its own transform failed.
    fn field(&self, name: &str) -> Option<&Value<'a>>;
}

/// A record without other fields, for ops that read none.
#[derive(Debug, Clone, Copy)]
pub struct NoFields;

impl<'a> Fields<'a> for NoFields {
    fn field(&self, _: &str) -> Option<&Value<'a>> {
        None
    }
}

/// What every result of an op is known to be, so that a plan can omit checks that can't fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultType {
    /// Nothing is known.
    Any,
    /// A number that a double holds.
    Number,
    /// A number without a fraction that a double holds.
    Integer,
    /// An exact decimal, which canonical JSON writes as a string.
    Decimal {
        /// All digits, 1–38.
        precision: u32,
        /// Digits after the point, always written.
        scale: u32,
    },
    /// `true` or `false`.
    Boolean,
    /// Any text.
    Text,
    /// An RFC 3339 date-time in UTC, years 0000–9999.
    UtcTimestamp,
    /// An RFC 3339 full-date.
    Date,
}

impl ResultType {
    /// Return whether a value is of this kind, as far as its type shows.
    #[must_use]
    pub const fn holds(self, value: &Value<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Number | Self::Integer => matches!(value, Value::Double(_)),
            Self::Decimal { .. } => matches!(value, Value::Decimal(_)),
            Self::Boolean => matches!(value, Value::Bool(_)),
            Self::Text | Self::UtcTimestamp | Self::Date => matches!(value, Value::String(_)),
        }
    }
}

/// An op that the fused engine applies to raw bytes, with the same results as [`Op::apply`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fused {
    /// `toNumber`: [`chartly_json::number::surviving`] on the number's or the string's text.
    Number,
    /// `toUtcTimestamp` without options: [`crate::timestamp::rfc3339_to_utc`] on the string's text.
    UtcTimestamp,
}

/// One compiled transform.
pub trait Op: Debug + Send + Sync {
    /// Return the name of the op in profiles.
    fn name(&self) -> &'static str;

    /// Return the field's new value. The caller doesn't pass absent fields and nulls.
    ///
    /// # Errors
    /// The rule that the value breaks.
    fn apply<'a>(&self, value: Value<'a>, record: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure>;

    /// Return a value for a field that is absent or null. Only `coalesce` and `template` do.
    ///
    /// # Errors
    /// The broken rule.
    fn fill<'a>(&self, record: &dyn Fields<'a>) -> Result<Option<Value<'a>>, Failure> {
        let _ = record;
        Ok(None)
    }

    /// Return the names of the other fields that it reads. A plan refuses a name that isn't mapped.
    fn reads(&self) -> &[Box<str>] {
        &[]
    }

    /// Return what its results are known to be.
    fn result_type(&self) -> ResultType {
        ResultType::Any
    }

    /// Return the equivalent byte-level function, if there is one.
    fn fused(&self) -> Option<Fused> {
        None
    }
}

/// Run ops on one field in order. An absent field stays absent and a null passes unchanged, unless an op fills it.
///
/// # Errors
/// The position of the failed op, and its failure.
pub fn apply_all<'a>(
    ops: &[Box<dyn Op>],
    field: Option<Value<'a>>,
    record: &dyn Fields<'a>,
) -> Result<Option<Value<'a>>, (usize, Failure)> {
    let mut current = field;
    for (position, op) in ops.iter().enumerate() {
        let step = match current {
            None => op.fill(record),
            Some(Value::Null) => op.fill(record).map(|filled| Some(filled.unwrap_or(Value::Null))),
            Some(value) => op.apply(value, record).map(|outcome| match outcome {
                Outcome::Value(value) => Some(value),
                Outcome::Dropped => None,
            }),
        };
        current = step.map_err(|failure| (position, failure))?;
    }
    Ok(current)
}
