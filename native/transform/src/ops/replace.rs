//! `replace`: replace every occurrence of a literal text by another, from left to right.
//!
//! It doesn't use patterns; `regexReplace` does.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::text::Bounded;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

#[derive(Debug)]
struct Replace {
    find: Box<str>,
    with: Box<str>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let find = options.required("find", options.text("find")?)?;
    let with = options.required("with", options.text("with")?)?;
    if find.is_empty() {
        return Err(options.bad("find", "text that isn't empty"));
    }
    Ok(Box::new(Replace { find: find.into(), with: with.into() }))
}

impl Op for Replace {
    fn name(&self) -> &'static str {
        "replace"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let text = text::of_string(value)?;
        if !text.contains(&*self.find) {
            return text::outcome(text);
        }
        let mut replaced = Bounded::default();
        for (index, piece) in text.split(&*self.find).enumerate() {
            if index > 0 {
                replaced.push(&self.with)?;
            }
            replaced.push(piece)?;
        }
        text::outcome(replaced.finish())
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""1,234,567.80""#, r#""1234567.80""#).with(r#"{"find": ",", "with": ""}"#),
    Example::returns(r#""aaa""#, r#""ba""#).with(r#"{"find": "aa", "with": "b"}"#),
    Example::returns(r#""none""#, r#""none""#).with(r#"{"find": ",", "with": ""}"#),
    Example::fails("5", Failure::NotText).with(r#"{"find": ",", "with": ""}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "replace",
    promise: "Every occurrence of a text is replaced by another, from left to right, without overlap.",
    options: &[("find", "the text to replace; required, not empty"), ("with", "the replacement; required")],
    examples: EXAMPLES,
    compile,
};
