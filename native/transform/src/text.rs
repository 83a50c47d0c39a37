//! Convert a field's value to text, within bounds.
//!
//! It doesn't write JSON: a scalar's text is what a person would read in a table cell.

use std::borrow::Cow;

use chartly_json::Value;

use crate::decimal::Decimal;
use crate::{Failure, Outcome};

/// The most bytes of an op's text: the default limit of a whole record, so that no field grows beyond the record that
/// it comes from.
pub(crate) const TEXT_BYTES_MAX: usize = 1 << 20;

/// The most characters of an op's text: no text has more characters than bytes.
pub(crate) const TEXT_CHARACTERS_MAX: u32 = 1 << 20;

/// The most items of an op's array.
pub(crate) const ITEMS_MAX: usize = 65_536;

/// Return a scalar as text: text as it is, a number in RFC 8785's layout with up to 38 digits, `true`, `false`.
pub(crate) fn of_scalar<'v>(value: &'v Value<'_>) -> Result<Cow<'v, str>, Failure> {
    Ok(match value {
        Value::String(text) | Value::Decimal(text) => Cow::Borrowed(text),
        Value::Number(text) => Cow::Owned(Decimal::from_json(text)?.to_text()),
        Value::Double(double) => Cow::Owned(Decimal::from_double(*double)?.to_text()),
        Value::Bool(true) => Cow::Borrowed("true"),
        Value::Bool(false) => Cow::Borrowed("false"),
        Value::Null | Value::Array(_) | Value::Object(_) => return Err(Failure::NotAScalar),
    })
}

/// Return a string's text. Other values are an error.
pub(crate) fn of_string(value: Value<'_>) -> Result<Cow<'_, str>, Failure> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Failure::NotText),
    }
}

/// Return a string's text by reference. Other values are an error.
pub(crate) fn as_string<'v>(value: &'v Value<'_>) -> Result<&'v str, Failure> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Failure::NotText),
    }
}

/// Return text as the field's value, if it is within bounds.
pub(crate) fn outcome<'a>(text: impl Into<Cow<'a, str>>) -> Result<Outcome<'a>, Failure> {
    let text = text.into();
    if text.len() > TEXT_BYTES_MAX {
        return Err(Failure::TooLarge);
    }
    Ok(Outcome::Value(Value::String(text)))
}

/// A text that grows piece by piece and stops at its bound.
#[derive(Debug, Default)]
pub(crate) struct Bounded(String);

impl Bounded {
    pub(crate) fn push(&mut self, piece: &str) -> Result<(), Failure> {
        if self.0.len() + piece.len() > TEXT_BYTES_MAX {
            return Err(Failure::TooLarge);
        }
        self.0.push_str(piece);
        Ok(())
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}
