//! `substring`: a part of a text, counted in characters.
//!
//! A character is a Unicode scalar value, as in `length`. It never splits one, but may separate a letter from its
//! accent.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::text::TEXT_CHARACTERS_MAX;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

#[derive(Debug)]
struct Substring {
    /// From the start, or from the end if negative.
    start: i64,
    length: usize,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let most = i64::from(TEXT_CHARACTERS_MAX);
    let start = options.required("start", options.whole("start", -most, most)?)?;
    let length = options.count("length", 0, TEXT_CHARACTERS_MAX)?.map_or(usize::MAX, |length| length as usize);
    Ok(Box::new(Substring { start, length }))
}

impl Op for Substring {
    fn name(&self) -> &'static str {
        "substring"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let text = text::as_string(&value)?;
        let from = if self.start < 0 { text.chars().count() } else { 0 };
        let skipped = isize::try_from(self.start).map_or(0, |start| from.saturating_add_signed(start));
        text::outcome(text.chars().skip(skipped).take(self.length).collect::<String>())
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""2026-02-03""#, r#""2026""#).with(r#"{"start": 0, "length": 4}"#),
    Example::returns(r#""😀naïve""#, r#""ïve""#).with(r#"{"start": 3}"#),
    Example::returns(r#""DE89370400440532013000""#, r#""3000""#).with(r#"{"start": -4}"#),
    Example::returns(r#""ab""#, r#""""#).with(r#"{"start": 5}"#),
    Example::fails("20260203", Failure::NotText).with(r#"{"start": 0, "length": 4}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "substring",
    promise: "Text becomes a part of itself, counted in Unicode characters. Positions beyond its end are ignored.",
    options: &[
        ("start", "characters to skip; negative counts from the end; required"),
        ("length", "characters to keep; by default all that follow"),
    ],
    examples: EXAMPLES,
    compile,
};
