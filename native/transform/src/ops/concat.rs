//! `concat`: the field's text, followed by other fields' texts.
//!
//! Absent parts are left out together with their separator. For a text that needs all its parts, use `template`.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::text::Bounded;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

#[derive(Debug)]
struct Concat {
    fields: Vec<Box<str>>,
    separator: Box<str>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let fields = options.required("fields", options.texts("fields")?)?;
    let separator = options.text("separator")?.unwrap_or_default();
    Ok(Box::new(Concat { fields, separator: separator.into() }))
}

impl Op for Concat {
    fn name(&self) -> &'static str {
        "concat"
    }

    fn apply<'a>(&self, value: Value<'a>, record: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let mut joined = Bounded::default();
        joined.push(&text::of_scalar(&value)?)?;
        for name in &self.fields {
            let Some(other) = record.field(name).filter(|other| !other.is_null()) else { continue };
            joined.push(&self.separator)?;
            joined.push(&text::of_scalar(other)?)?;
        }
        text::outcome(joined.finish())
    }

    fn reads(&self) -> &[Box<str>] {
        &self.fields
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""Jane""#, r#""Jane Doe""#)
        .with(r#"{"fields": ["middle", "last"], "separator": " "}"#)
        .among(r#"{"last": "Doe"}"#),
    Example::returns("12", r#""12-b""#).with(r#"{"fields": ["part"], "separator": "-"}"#).among(r#"{"part": "b"}"#),
    Example::fails("[]", Failure::NotAScalar).with(r#"{"fields": ["part"]}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "concat",
    promise: "A scalar becomes text, followed by the texts of other fields; those that are absent or null are left out.",
    options: &[
        ("fields", "the other fields, in order; required"),
        ("separator", "the text between two texts; default empty"),
    ],
    examples: EXAMPLES,
    compile,
};
