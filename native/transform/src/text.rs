//! From a field's value to text, and the bounds of text that an op makes.
//!
//! It doesn't write JSON; a scalar's text here is what a person would read in a cell.

use std::borrow::Cow;

use chartly_json::Value;

use crate::decimal::Decimal;
use crate::{Failure, Outcome};

/// The most bytes of a text that an op makes: as many as a whole record may have by default, so that no field outgrows
/// the record it came from.
pub(crate) const TEXT_BYTES_MAX: usize = 1 << 20;

/// No text that an op makes has more characters than bytes.
pub(crate) const TEXT_CHARACTERS_MAX: u32 = 1 << 20;

/// The most items of an array that an op makes; an array of every other byte of a record has no more uses than this.
pub(crate) const ITEMS_MAX: usize = 65_536;

/// Give a scalar as text: text as it is, a number as RFC 8785 lays it out (all its digits, up to 38), `true`, `false`.
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

/// Give a string's text; nothing else is text.
pub(crate) fn of_string(value: Value<'_>) -> Result<Cow<'_, str>, Failure> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Failure::NotText),
    }
}

/// Give a string's text from where it stands; nothing else is text.
pub(crate) fn as_string<'v>(value: &'v Value<'_>) -> Result<&'v str, Failure> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Failure::NotText),
    }
}

/// Give text back as the field's value, if it is within bounds.
pub(crate) fn outcome<'a>(text: impl Into<Cow<'a, str>>) -> Result<Outcome<'a>, Failure> {
    let text = text.into();
    if text.len() > TEXT_BYTES_MAX {
        return Err(Failure::TooLarge);
    }
    Ok(Outcome::Value(Value::String(text)))
}

/// Text that grows piece by piece and stops at its bound, however many pieces are to come.
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
