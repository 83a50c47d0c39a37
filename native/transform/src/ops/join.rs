//! `join`: convert an array of scalars to one text.
//!
//! Nulls are left out. Nested arrays and objects are refused, since they have no text.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::text::Bounded;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

#[derive(Debug)]
struct Join {
    with: Box<str>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let with = options.required("with", options.text("with")?)?;
    Ok(Box::new(Join { with: with.into() }))
}

impl Op for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let elements = value.as_array().ok_or(Failure::NotAnArray)?;
        let mut joined = Bounded::default();
        let present = elements.iter().filter(|element| !element.value.is_null());
        for (index, element) in present.enumerate() {
            if index > 0 {
                joined.push(&self.with)?;
            }
            joined.push(&text::of_scalar(&element.value)?)?;
        }
        text::outcome(joined.finish())
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#"["a", 1.50, true, null]"#, r#""a, 1.5, true""#).with(r#"{"with": ", "}"#),
    Example::returns("[]", r#""""#).with(r#"{"with": ", "}"#),
    Example::fails(r#"[["a"]]"#, Failure::NotAScalar).with(r#"{"with": ", "}"#),
    Example::fails(r#""a""#, Failure::NotAnArray).with(r#"{"with": ", "}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "join",
    promise: "An array of scalars becomes one text, its elements written as `toString` writes them; nulls are left out.",
    options: &[("with", "the text between two elements; required, may be empty")],
    examples: EXAMPLES,
    compile,
};
