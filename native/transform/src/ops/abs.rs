//! `abs`: a number without its sign.
//!
//! It has no opinion on whether a negative number should have been there; a contract has.

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
    &[Example::gives("-19.99", "19.99"), Example::gives("5", "5"), Example::fails(r#""-5""#, Failure::NotANumber)];

pub(crate) const DEFINITION: Definition = Definition {
    name: "abs",
    promise: "A number becomes its size without a sign.",
    options: &[],
    examples: EXAMPLES,
    compile,
};
