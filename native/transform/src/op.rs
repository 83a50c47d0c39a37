//! What every op is: compiled once from a profile, applied to one field of one record after another.
//!
//! It doesn't know which fields a profile maps or in which order transforms run; that is the plan's.

use std::fmt::Debug;

use chartly_json::Value;

use crate::Failure;

/// What an op made of a value.
#[derive(Debug, Clone)]
pub enum Outcome<'a> {
    /// The field's new value.
    Value(Value<'a>),
    /// The field is absent from here on.
    Dropped,
}

/// The other fields of the record, as they stand when the op runs.
pub trait Fields<'a> {
    /// Give a field's value, or nothing when it is absent or its own transform failed.
    fn field(&self, name: &str) -> Option<&Value<'a>>;
}

/// A record of one field, for ops that read no other.
#[derive(Debug, Clone, Copy)]
pub struct NoFields;

impl<'a> Fields<'a> for NoFields {
    fn field(&self, _: &str) -> Option<&Value<'a>> {
        None
    }
}

/// What a plan may rely on in every value that an op gives, so that it can leave out checks that can't fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// Nothing is promised.
    Any,
    /// A number that survives as a double.
    Number,
    /// A number that survives as a double and has no fraction.
    Integer,
    /// An exact decimal, which canonical JSON writes as a string: its digits in all, and those after the point.
    Decimal {
        /// Digits in all, 1–38.
        precision: u32,
        /// Digits after the point, always written.
        scale: u32,
    },
    /// `true` or `false`.
    Boolean,
    /// Text.
    Text,
    /// Text that is an RFC 3339 date-time of UTC, years 0000–9999.
    UtcTimestamp,
    /// Text that is an RFC 3339 full-date.
    Date,
}

impl Gives {
    /// Tell whether a value keeps this promise, as far as its kind shows.
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

/// An op that the fused run knows by heart and does on raw bytes, with the same answers as [`Op::apply`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fused {
    /// `toNumber`: [`chartly_json::number::surviving`] on the number's or the string's text.
    Number,
    /// `toUtcTimestamp` without options: [`crate::timestamp::rfc3339_to_utc`] on the string's text.
    UtcTimestamp,
}

/// One transform, compiled.
pub trait Op: Debug + Send + Sync {
    /// Give the name that profiles call it by.
    fn name(&self) -> &'static str;

    /// Make the field's new value. The caller leaves out absent fields and nulls: neither reaches an op.
    ///
    /// # Errors
    /// The rule that the value breaks.
    fn apply<'a>(&self, value: Value<'a>, record: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure>;

    /// Make a value for a field that is absent or null. Only ops that exist for this (`coalesce`, `template`) do.
    ///
    /// # Errors
    /// The rule that is broken.
    fn fill<'a>(&self, record: &dyn Fields<'a>) -> Result<Option<Value<'a>>, Failure> {
        let _ = record;
        Ok(None)
    }

    /// Name the other fields that it reads. A plan refuses a name that isn't mapped.
    fn reads(&self) -> &[Box<str>] {
        &[]
    }

    /// Tell what its values are known to be.
    fn gives(&self) -> Gives {
        Gives::Any
    }

    /// Tell which byte-level function does the same, if one does.
    fn fused(&self) -> Option<Fused> {
        None
    }
}

/// Run ops over one field, in order, by the rules that hold for all: an absent field stays absent and a null passes
/// unchanged, unless an op fills.
///
/// # Errors
/// The position of the op that failed, and why.
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
