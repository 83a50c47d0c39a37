//! `regexReplace`: replace every match of a pattern by a text that may refer to its groups.
//!
//! Time is linear in the text, and the result is bounded while it grows.

use chartly_json::Value;
use regex::Regex;

use crate::definition::Definition;
use crate::options::Options;
use crate::text::Bounded;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, pattern_options, text};

#[derive(Debug)]
struct RegexReplace {
    pattern: Regex,
    with: Box<str>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let pattern = pattern_options::read(options, "pattern")?;
    let with = options.required("with", options.text("with")?)?;
    Ok(Box::new(RegexReplace { pattern, with: with.into() }))
}

impl Op for RegexReplace {
    fn name(&self) -> &'static str {
        "regexReplace"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let text = text::of_string(value)?;
        let (mut replaced, mut expansion, mut end) = (Bounded::default(), String::new(), 0);
        for captures in self.pattern.captures_iter(&text) {
            let Some(found) = captures.get(0) else { continue };
            replaced.push(&text[end..found.start()])?;
            expansion.clear();
            captures.expand(&self.with, &mut expansion);
            replaced.push(&expansion)?;
            end = found.end();
        }
        replaced.push(&text[end..])?;
        text::outcome(replaced.finish())
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""a  b   c""#, r#""a b c""#).with(r#"{"pattern": " +", "with": " "}"#),
    Example::returns(r#""Doe, Jane""#, r#""Jane Doe""#)
        .with(r#"{"pattern": "^(?P<last>\\w+), (?P<first>\\w+)$", "with": "$first $last"}"#),
    Example::returns(r#""x""#, r#""-x-""#).with(r#"{"pattern": "", "with": "-"}"#),
    Example::fails("5", Failure::NotText).with(r#"{"pattern": " +", "with": " "}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "regexReplace",
    promise: "Every match of a pattern is replaced by another text, from left to right.",
    options: &[
        ("pattern", pattern_options::PATTERN_MEANING),
        ("with", "the replacement; `$1` or `${name}` is a group, `$$` a dollar sign; required"),
    ],
    examples: EXAMPLES,
    compile,
};
