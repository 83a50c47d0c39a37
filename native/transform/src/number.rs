//! From a field's value to a number and back: which values count as numbers, and how a computed one leaves.
//!
//! Whether a number survives as a double is `chartly-json`'s to say; exact arithmetic is [`crate::decimal`]'s.

use chartly_json::Value;
use chartly_json::number::{Exact, is_json_number};

use crate::decimal::{Decimal, Rounding};
use crate::{Failure, Outcome};

/// Give the exact value of a number; text isn't one, until `toNumber` or `toDecimal` made it so.
pub(crate) fn exact(value: &Value<'_>) -> Result<Decimal, Failure> {
    match value {
        Value::Number(text) | Value::Decimal(text) => Decimal::from_json(text),
        Value::Double(double) => Decimal::from_double(*double),
        _ => Err(Failure::NotANumber),
    }
}

/// Give the exact value of a number, or of text that is exactly a JSON number.
pub(crate) fn exact_or_text(value: &Value<'_>) -> Result<Decimal, Failure> {
    match value {
        Value::String(text) if is_json_number(text) => Decimal::from_json(text),
        other => exact(other),
    }
}

/// Tell how many digits stand before the point in text that is a number: 0 for one below 1, and for what is no text.
pub(crate) fn digits_before_point(value: &Value<'_>) -> i64 {
    match value {
        Value::Number(text) | Value::Decimal(text) => Exact::new(text).point().max(0),
        Value::String(text) if is_json_number(text) => Exact::new(text).point().max(0),
        _ => 0,
    }
}

/// Give the value of a number, rounded; it may have any number of digits before.
pub(crate) fn rounded(value: &Value<'_>, scale: u32, rounding: Rounding) -> Result<Decimal, Failure> {
    match value {
        Value::Number(text) | Value::Decimal(text) => Decimal::rounded_from_json(text, scale, rounding),
        other => exact(other)?.round(scale, rounding),
    }
}

/// Give the value of a number, or of text that is exactly a JSON number, rounded.
pub(crate) fn rounded_or_text(value: &Value<'_>, scale: u32, rounding: Rounding) -> Result<Decimal, Failure> {
    match value {
        Value::String(text) if is_json_number(text) => Decimal::rounded_from_json(text, scale, rounding),
        other => rounded(other, scale, rounding),
    }
}

/// Give a computed number back in the kind that it came in: an exact decimal stays one, all others must survive as a double.
pub(crate) fn computed<'a>(result: Decimal, operand: &Value<'_>) -> Result<Outcome<'a>, Failure> {
    Ok(Outcome::Value(match operand {
        Value::Decimal(_) => Value::Decimal(result.to_text().into()),
        _ => Value::Double(result.to_double()?),
    }))
}
