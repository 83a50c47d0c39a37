//! `toInteger`: a number without a fraction that a double holds.
//!
//! It never rounds: 1.5 is no integer, and the profile decides with `round` which one it becomes.

use chartly_json::Value;

use crate::definition::Definition;
use crate::number::exact_or_text;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType};

#[derive(Debug)]
struct ToInteger;

fn compile(_: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(ToInteger))
}

impl Op for ToInteger {
    fn name(&self) -> &'static str {
        "toInteger"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let number = exact_or_text(&value)?;
        if !number.is_integer() {
            return Err(Failure::NotAnInteger);
        }
        Ok(Outcome::Value(Value::Double(number.to_double()?)))
    }

    fn result_type(&self) -> ResultType {
        ResultType::Integer
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""42""#, "42"),
    Example::returns("1e3", "1000"),
    Example::returns("7.0", "7"),
    Example::fails("7.5", Failure::NotAnInteger),
    Example::fails(r#""042""#, Failure::NotANumber),
    Example::fails("9007199254740993", Failure::PrecisionLoss),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "toInteger",
    promise: "A JSON number, or a string that is exactly a JSON number, becomes a number if it has no fraction; `7.0` and `1e3` have none. \
              As with `toNumber`, its decimal value must survive as a double.",
    options: &[],
    examples: EXAMPLES,
    compile,
};
