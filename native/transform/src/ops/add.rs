//! `add`: the exact sum of the field and another number.
//!
//! It adds decimals, not doubles, and fails when a double can't hold the sum.

use chartly_json::Value;

use crate::definition::Definition;
use crate::operand::{self, Operand};
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, number};

#[derive(Debug)]
struct Add(Operand);

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(Add(Operand::read(options)?)))
}

impl Op for Add {
    fn name(&self) -> &'static str {
        "add"
    }

    fn apply<'a>(&self, value: Value<'a>, record: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let result = number::exact(&value)?.add(self.0.of(record)?)?;
        number::computed(result, &value)
    }

    fn reads(&self) -> &[Box<str>] {
        self.0.reads()
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns("0.1", "0.3").with(r#"{"value": 0.2}"#),
    Example::returns("19.99", "24.98").with(r#"{"valueFrom": "shipping"}"#).among(r#"{"shipping": 4.99}"#),
    Example::fails("1", Failure::OperandAbsent).with(r#"{"valueFrom": "shipping"}"#),
    Example::fails("9007199254740992", Failure::PrecisionLoss).with(r#"{"value": 1}"#),
    Example::fails(r#""1""#, Failure::NotANumber).with(r#"{"value": 1}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "add",
    promise: "A number becomes its sum with another, as exact decimals: 0.1 + 0.2 is 0.3. The result must survive as a double; an exact decimal stays an exact decimal.",
    options: &[operand::VALUE, operand::VALUE_FROM],
    examples: EXAMPLES,
    compile,
};
