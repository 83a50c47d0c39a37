//! `lower`: convert text to lowercase by Unicode's full mapping.
//!
//! It is independent of language: the Turkish dotless i, for example, needs a `replace`.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

#[derive(Debug)]
struct Lower;

fn compile(_: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(Lower))
}

impl Op for Lower {
    fn name(&self) -> &'static str {
        "lower"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        text::outcome(text::as_string(&value)?.to_lowercase())
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""ÅRHUS Straße""#, r#""århus straße""#),
    Example::returns(r#""ὈΔΥΣΣΕΎΣ""#, r#""ὀδυσσεύς""#),
    Example::fails("5", Failure::NotText),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "lower",
    promise: "Text becomes lowercase by Unicode's full case mapping, the same in every locale.",
    options: &[],
    examples: EXAMPLES,
    compile,
};
