//! The other number of an arithmetic op: a constant of the profile, or another field of the record.

use chartly_json::Value;

use crate::decimal::Decimal;
use crate::options::Options;
use crate::{Failure, Fields, OpError, number};

pub(crate) const VALUE: (&str, &str) = ("value", "the other number, of at most 38 digits; this or `valueFrom`");
pub(crate) const VALUE_FROM: (&str, &str) =
    ("valueFrom", "the field whose number it is; absent or null there, the transform fails");

/// The source of the other number.
#[derive(Debug)]
pub(crate) enum Operand {
    Literal(Decimal),
    Field([Box<str>; 1]),
}

impl Operand {
    /// Read either `value` or `valueFrom`.
    pub(crate) fn read(options: &Options<'_>) -> Result<Self, OpError> {
        match (options.decimal("value")?, options.text("valueFrom")?) {
            (Some(literal), None) => Ok(Self::Literal(literal)),
            (None, Some(field)) => Ok(Self::Field([field.into()])),
            (None, None) => Err(options.missing("value")),
            (Some(_), Some(_)) => Err(options.bad("valueFrom", "absent when value is given")),
        }
    }

    /// Return the number for this record.
    pub(crate) fn of(&self, record: &dyn Fields<'_>) -> Result<Decimal, Failure> {
        match self {
            Self::Literal(literal) => Ok(*literal),
            Self::Field([name]) => match record.field(name) {
                None | Some(Value::Null) => Err(Failure::OperandAbsent),
                Some(value) => number::exact(value),
            },
        }
    }

    /// Return the name of the field that is read, if any.
    pub(crate) fn reads(&self) -> &[Box<str>] {
        match self {
            Self::Literal(_) => &[],
            Self::Field(name) => name,
        }
    }
}
