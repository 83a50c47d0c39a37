//! `padStart`: extend text to a length by repeating another text at its start.
//!
//! It never shortens a text; `substring` does.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::padding::{self, Padding};
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

#[derive(Debug)]
struct PadStart(Padding);

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(PadStart(Padding::read(options)?)))
}

impl Op for PadStart {
    fn name(&self) -> &'static str {
        "padStart"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let text = text::as_string(&value)?;
        let fill = self.0.fill(text);
        let mut padded = String::with_capacity(text.len() + fill.len());
        padded.push_str(&fill);
        padded.push_str(text);
        text::outcome(padded)
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""42""#, r#""00042""#).with(r#"{"length": 5, "with": "0"}"#),
    Example::returns(r#""éé""#, r#""ababaéé""#).with(r#"{"length": 7, "with": "ab"}"#),
    Example::returns(r#""long enough""#, r#""long enough""#).with(r#"{"length": 5}"#),
    Example::fails("42", Failure::NotText).with(r#"{"length": 5, "with": "0"}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "padStart",
    promise: "Text shorter than `length` characters is extended at its start; longer text stays as it is.",
    options: &[padding::LENGTH, padding::WITH],
    examples: EXAMPLES,
    compile,
};
