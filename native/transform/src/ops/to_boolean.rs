//! `toBoolean`: `true`, `false`, their names as strings, and the words that a profile lists for them.
//!
//! It has no list of its own: `1`, `Y` or `on` count only if the profile lists them.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::scalar_set::ScalarSet;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType};

#[derive(Debug)]
struct ToBoolean {
    true_values: ScalarSet,
    false_values: ScalarSet,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let words = |option| Ok(options.scalars(option)?.unwrap_or_default());
    let (named_true, named_false) = (words("trueValues")?, words("falseValues")?);
    let set = |option, named: &[&Value<'_>], spelled: &'static str| {
        let spelled = Value::String(spelled.into());
        let values = named.iter().copied().chain([&spelled]);
        ScalarSet::of(values).ok_or_else(|| options.bad(option, "scalars"))
    };
    let op = ToBoolean {
        true_values: set("trueValues", &named_true, "true")?,
        false_values: set("falseValues", &named_false, "false")?,
    };
    for value in named_true {
        if op.false_values.contains(value) == Ok(true) {
            return Err(options.bad("falseValues", "without a value of trueValues"));
        }
    }
    if named_false.iter().any(|value| op.true_values.contains(value) == Ok(true)) {
        return Err(options.bad("falseValues", "without a value of trueValues"));
    }
    Ok(Box::new(op))
}

impl Op for ToBoolean {
    fn name(&self) -> &'static str {
        "toBoolean"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let truth = match &value {
            Value::Bool(truth) => *truth,
            other if self.true_values.contains(other).is_ok_and(|found| found) => true,
            other if self.false_values.contains(other).is_ok_and(|found| found) => false,
            _ => return Err(Failure::NotABoolean),
        };
        Ok(Outcome::Value(Value::Bool(truth)))
    }

    fn result_type(&self) -> ResultType {
        ResultType::Boolean
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns("true", "true"),
    Example::returns(r#""false""#, "false"),
    Example::fails(r#""True""#, Failure::NotABoolean),
    Example::fails("1", Failure::NotABoolean),
    Example::returns(r#""Y""#, "true").with(r#"{"trueValues": ["Y", 1], "falseValues": ["N", 0]}"#),
    Example::returns("0.0", "false").with(r#"{"trueValues": ["Y", 1], "falseValues": ["N", 0]}"#),
    Example::fails(r#""1""#, Failure::NotABoolean).with(r#"{"trueValues": ["Y", 1], "falseValues": ["N", 0]}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "toBoolean",
    promise: "`true`, `false`, and the strings `\"true\"` and `\"false\"` become a boolean; so do the values that the profile \
              lists. A string and a number are never the same value.",
    options: &[("trueValues", "further scalars that mean true"), ("falseValues", "further scalars that mean false")],
    examples: EXAMPLES,
    compile,
};
