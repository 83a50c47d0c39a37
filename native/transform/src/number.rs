//! From a field's value to a number and back: which values count as numbers, and how a computed one leaves.
//!
//! Whether a number survives as a double is `chartly-json`'s to say; exact arithmetic is [`crate::decimal`]'s.

use chartly_json::Value;
use chartly_json::number::is_json_number;

use crate::decimal::Decimal;
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

/// Give a computed number back in the kind that it came in: an exact decimal stays one, all others must survive as a double.
pub(crate) fn computed<'a>(result: Decimal, operand: &Value<'_>) -> Result<Outcome<'a>, Failure> {
    Ok(Outcome::Value(match operand {
        Value::Decimal(_) => Value::Decimal(result.to_text().into()),
        _ => Value::Double(result.to_double()?),
    }))
}
