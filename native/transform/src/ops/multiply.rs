//! `multiply`: the exact product of the field and another number.
//!
//! It multiplies decimals, not doubles, and fails when a double can't hold the product; use `round` before or after it.

use chartly_json::Value;

use crate::definition::Definition;
use crate::operand::{self, Operand};
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, number};

#[derive(Debug)]
struct Multiply(Operand);

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(Multiply(Operand::read(options)?)))
}

impl Op for Multiply {
    fn name(&self) -> &'static str {
        "multiply"
    }

    fn apply<'a>(&self, value: Value<'a>, record: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let result = number::exact(&value)?.multiply(self.0.of(record)?)?;
        number::computed(result, &value)
    }

    fn reads(&self) -> &[Box<str>] {
        self.0.reads()
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns("1.1", "1.21").with(r#"{"value": 1.1}"#),
    Example::returns("3", "59.97").with(r#"{"valueFrom": "price"}"#).among(r#"{"price": 19.99}"#),
    Example::fails("1234567890.123", Failure::PrecisionLoss).with(r#"{"value": 1.000000001}"#),
    Example::fails("1e200", Failure::Overflow).with(r#"{"value": 1e200}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "multiply",
    promise: "A number becomes its product with another, as exact decimals: 1.1 × 1.1 is 1.21. The result must survive as a double; an exact decimal stays an exact decimal.",
    options: &[operand::VALUE, operand::VALUE_FROM],
    examples: EXAMPLES,
    compile,
};
