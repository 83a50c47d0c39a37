//! Convert a field's value to a number and back: which values count as numbers, and the kind of a computed one.
//!
//! `chartly-json` decides whether a double can hold a number; [`crate::decimal`] does exact arithmetic.

use chartly_json::Value;
use chartly_json::number::{Exact, is_json_number};

use crate::decimal::{Decimal, Rounding};
use crate::{Failure, Outcome};

/// Return the exact value of a number. Text is not a number before `toNumber` or `toDecimal`.
pub(crate) fn exact(value: &Value<'_>) -> Result<Decimal, Failure> {
    match value {
        Value::Number(text) | Value::Decimal(text) => Decimal::from_json(text),
        Value::Double(double) => Decimal::from_double(*double),
        _ => Err(Failure::NotANumber),
    }
}

/// Return the exact value of a number, or of text that is a JSON number.
pub(crate) fn exact_or_text(value: &Value<'_>) -> Result<Decimal, Failure> {
    match value {
        Value::String(text) if is_json_number(text) => Decimal::from_json(text),
        other => exact(other),
    }
}

/// Return the number of digits before the point in text that is a number: 0 for a number below 1, and for other values.
pub(crate) fn digits_before_point(value: &Value<'_>) -> i64 {
    match value {
        Value::Number(text) | Value::Decimal(text) => Exact::new(text).point().max(0),
        Value::String(text) if is_json_number(text) => Exact::new(text).point().max(0),
        _ => 0,
    }
}

/// Return the rounded value of a number, which may have any number of digits.
pub(crate) fn rounded(value: &Value<'_>, scale: u32, rounding: Rounding) -> Result<Decimal, Failure> {
    match value {
        Value::Number(text) | Value::Decimal(text) => Decimal::rounded_from_json(text, scale, rounding),
        other => exact(other)?.round(scale, rounding),
    }
}

/// Return the rounded value of a number, or of text that is a JSON number.
pub(crate) fn rounded_or_text(value: &Value<'_>, scale: u32, rounding: Rounding) -> Result<Decimal, Failure> {
    match value {
        Value::String(text) if is_json_number(text) => Decimal::rounded_from_json(text, scale, rounding),
        other => rounded(other, scale, rounding),
    }
}

/// Return a computed number in the kind of its operand: an exact decimal stays one, and a double must hold all others.
pub(crate) fn computed<'a>(result: Decimal, operand: &Value<'_>) -> Result<Outcome<'a>, Failure> {
    Ok(Outcome::Value(match operand {
        Value::Decimal(_) => Value::Decimal(result.to_text().into()),
        _ => Value::Double(result.to_double()?),
    }))
}
