//! `toString`: a scalar as text, a number with all its digits.
//!
//! It doesn't serialize: arrays and objects have no text.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

#[derive(Debug)]
struct ToString;

fn compile(_: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(ToString))
}

impl Op for ToString {
    fn name(&self) -> &'static str {
        "toString"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        match value {
            Value::String(text) | Value::Decimal(text) => Ok(Outcome::Value(Value::String(text))),
            other => text::outcome(text::of_scalar(&other)?.into_owned()),
        }
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns("19.990", r#""19.99""#),
    Example::returns("1E2", r#""100""#),
    Example::returns("9007199254740993", r#""9007199254740993""#),
    Example::returns("1e21", r#""1e+21""#),
    Example::returns("true", r#""true""#),
    Example::returns(r#""as it is""#, r#""as it is""#),
    Example::fails("[1]", Failure::NotAScalar),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "toString",
    promise: "A scalar becomes text. A number has the layout of RFC 8785, but with all of its digits, up to 38: an \
              identifier beyond 2^53 keeps its digits. Arrays and objects are refused.",
    options: &[],
    examples: EXAMPLES,
    compile,
};
