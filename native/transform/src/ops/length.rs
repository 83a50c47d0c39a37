//! `length`: the number of characters of a text, or of elements of an array.
//!
//! A character is a Unicode scalar value, the unit in which JSON Schema counts `maxLength`.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType};

#[derive(Debug)]
struct Length;

fn compile(_: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(Length))
}

impl Op for Length {
    fn name(&self) -> &'static str {
        "length"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let count = match &value {
            Value::String(text) => text.chars().count(),
            Value::Array(elements) => elements.len(),
            _ => return Err(Failure::NotText),
        };
        let count = u32::try_from(count).map_err(|_| Failure::TooLarge)?;
        Ok(Outcome::Value(Value::Double(f64::from(count))))
    }

    fn result_type(&self) -> ResultType {
        ResultType::Integer
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""naïve 😀""#, "7"),
    Example::returns("[1, [2, 3]]", "2"),
    Example::returns(r#""""#, "0"),
    Example::fails("12", Failure::NotText),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "length",
    promise: "Text becomes the number of its Unicode characters (the unit of JSON Schema's `maxLength`), an array the number of \
              its elements.",
    options: &[],
    examples: EXAMPLES,
    compile,
};
