//! `upper`: convert text to uppercase by Unicode's full mapping.
//!
//! It is independent of language: the Turkish dotless i, for example, needs a `replace`.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

#[derive(Debug)]
struct Upper;

fn compile(_: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(Upper))
}

impl Op for Upper {
    fn name(&self) -> &'static str {
        "upper"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        text::outcome(text::as_string(&value)?.to_uppercase())
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""århus Straße""#, r#""ÅRHUS STRASSE""#),
    Example::returns(r#""usd""#, r#""USD""#),
    Example::fails("5", Failure::NotText),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "upper",
    promise: "Text becomes uppercase by Unicode's full case mapping, the same in every locale.",
    options: &[],
    examples: EXAMPLES,
    compile,
};
