//! `abs`: the absolute value of a number.
//!
//! Whether a negative number is allowed is a question for the contract.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, number};

#[derive(Debug)]
struct Abs;

fn compile(_: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(Abs))
}

impl Op for Abs {
    fn name(&self) -> &'static str {
        "abs"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        number::computed(number::exact(&value)?.abs(), &value)
    }
}

const EXAMPLES: &[Example] =
    &[Example::returns("-19.99", "19.99"), Example::returns("5", "5"), Example::fails(r#""-5""#, Failure::NotANumber)];

pub(crate) const DEFINITION: Definition = Definition {
    name: "abs",
    promise: "A number becomes its absolute value.",
    options: &[],
    examples: EXAMPLES,
    compile,
};
