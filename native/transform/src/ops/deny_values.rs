//! `denyValues`: values of a list violate the profile's policy.
//!
//! It changes nothing, and accepts all other values.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::{self, Options};
use crate::scalar_set::ScalarSet;
use crate::{Example, Failure, Fields, Op, OpError, Outcome};

#[derive(Debug)]
struct DenyValues(ScalarSet);

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(DenyValues(options.scalar_set("values")?)))
}

impl Op for DenyValues {
    fn name(&self) -> &'static str {
        "denyValues"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        match &value {
            Value::Array(_) | Value::Object(_) => Err(Failure::NotAScalar),
            // A number of more digits than a list can hold is in none.
            scalar if self.0.contains(scalar) == Ok(true) => Err(Failure::Denied),
            _ => Ok(Outcome::Value(value)),
        }
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""jane""#, r#""jane""#).with(r#"{"values": ["test", "dummy", 0]}"#),
    Example::fails(r#""test""#, Failure::Denied).with(r#"{"values": ["test", "dummy", 0]}"#),
    Example::fails("0.0", Failure::Denied).with(r#"{"values": ["test", "dummy", 0]}"#),
    Example::fails(r#"["test"]"#, Failure::NotAScalar).with(r#"{"values": ["test"]}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "denyValues",
    promise: "A value of the list is `POLICY_VIOLATION`; any other scalar passes unchanged. Numbers are compared by value, and never \
              equal a string. An array or object, which could hide a value, fails.",
    options: &[options::VALUES],
    examples: EXAMPLES,
    compile,
};
