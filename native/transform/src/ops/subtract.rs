//! `subtract`: the exact difference of the field and another number.
//!
//! It subtracts decimals, not doubles, and fails when a double can't hold the difference.

use chartly_json::Value;

use crate::definition::Definition;
use crate::operand::{self, Operand};
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, number};

#[derive(Debug)]
struct Subtract(Operand);

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(Subtract(Operand::read(options)?)))
}

impl Op for Subtract {
    fn name(&self) -> &'static str {
        "subtract"
    }

    fn apply<'a>(&self, value: Value<'a>, record: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let result = number::exact(&value)?.subtract(self.0.of(record)?)?;
        number::computed(result, &value)
    }

    fn reads(&self) -> &[Box<str>] {
        self.0.reads()
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns("0.3", "0.1").with(r#"{"value": 0.2}"#),
    Example::returns("10", "7.5").with(r#"{"valueFrom": "discount"}"#).among(r#"{"discount": 2.5}"#),
    Example::fails(r#""1""#, Failure::NotANumber).with(r#"{"value": 1}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "subtract",
    promise: "A number becomes its difference from another, as exact decimals. The result must survive as a double; an exact decimal stays an exact decimal.",
    options: &[operand::VALUE, operand::VALUE_FROM],
    examples: EXAMPLES,
    compile,
};
