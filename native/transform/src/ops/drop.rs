//! `drop`: make the field absent.
//!
//! It doesn't look at the value; with `when` it drops conditionally.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome};

#[derive(Debug)]
struct Drop;

fn compile(_: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(Drop))
}

impl Op for Drop {
    fn name(&self) -> &'static str {
        "drop"
    }

    fn apply<'a>(&self, _: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        Ok(Outcome::Dropped)
    }
}

const EXAMPLES: &[Example] = &[Example::drops(r#""jane@example.com""#), Example::drops("[1, 2]")];

pub(crate) const DEFINITION: Definition = Definition {
    name: "drop",
    promise: "The field becomes absent. A required field that is dropped counts as missing.",
    options: &[],
    examples: EXAMPLES,
    compile,
};
