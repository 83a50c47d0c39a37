//! `toNumber`: convert a JSON number, or text that is one, to a number that canonicalization keeps.
//!
//! It fails on every other value and never guesses. Text such as `"+5"`, `"1_000"`, `" 12"` or `"007"` is no JSON
//! number (RFC 8259 §6), and two readers of the same bytes could disagree about it.

use chartly_json::Value;
use chartly_json::number::{is_json_number, surviving};

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Fused, Op, OpError, Outcome, ResultType};

/// It has no options: precision depends on the value, not on the profile.
#[derive(Debug)]
struct ToNumber;

fn compile(_: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(ToNumber))
}

impl Op for ToNumber {
    fn name(&self) -> &'static str {
        "toNumber"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let double = match &value {
            Value::Number(text) | Value::Decimal(text) => surviving(text)?.double,
            Value::String(text) if is_json_number(text) => surviving(text)?.double,
            Value::Double(double) => *double,
            _ => return Err(Failure::NotANumber),
        };
        Ok(Outcome::Value(Value::Double(double)))
    }

    fn result_type(&self) -> ResultType {
        ResultType::Number
    }

    fn fused(&self) -> Option<Fused> {
        Some(Fused::Number)
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""19.99""#, "19.99"),
    Example::returns(r#""1E2""#, "100"),
    Example::returns("-0.0", "0"),
    Example::fails(r#""+5""#, Failure::NotANumber),
    Example::fails(r#"" 12""#, Failure::NotANumber),
    Example::fails("true", Failure::NotANumber),
    Example::fails(r#""9007199254740993""#, Failure::PrecisionLoss),
    Example::fails(r#""1e400""#, Failure::Overflow),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "toNumber",
    promise: "A JSON number, or a string that is exactly a JSON number, becomes a number whose decimal value survives as an \
              IEEE 754 double. No spaces, `+`, leading zeros, `_`, hexadecimal or digits of other scripts.",
    options: &[],
    examples: EXAMPLES,
    compile,
};
