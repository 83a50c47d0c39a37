//! `allowValues`: only values of a list are allowed; any other violates the profile's policy.
//!
//! It changes nothing. To correct values, use `lookup`.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::{self, Options};
use crate::scalar_set::ScalarSet;
use crate::{Example, Failure, Fields, Op, OpError, Outcome};

#[derive(Debug)]
struct AllowValues(ScalarSet);

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(AllowValues(options.scalar_set("values")?)))
}

impl Op for AllowValues {
    fn name(&self) -> &'static str {
        "allowValues"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        // A value that is no scalar, or has more digits than a list can hold, is not in it.
        if self.0.contains(&value) == Ok(true) { Ok(Outcome::Value(value)) } else { Err(Failure::NotAllowed) }
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""EUR""#, r#""EUR""#).with(r#"{"values": ["EUR", "USD"]}"#),
    Example::fails(r#""eur""#, Failure::NotAllowed).with(r#"{"values": ["EUR", "USD"]}"#),
    Example::returns("1.0", "1.0").with(r#"{"values": [1, 2]}"#),
    Example::fails(r#""1""#, Failure::NotAllowed).with(r#"{"values": [1, 2]}"#),
    Example::fails("[]", Failure::NotAllowed).with(r#"{"values": [1, 2]}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "allowValues",
    promise: "A value of the list passes unchanged; any other is `POLICY_VIOLATION`. Numbers are compared by value, and never equal \
              a string.",
    options: &[options::VALUES],
    examples: EXAMPLES,
    compile,
};
