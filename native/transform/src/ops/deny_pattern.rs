//! `denyPattern`: text that contains a match of a pattern violates the profile's policy.
//!
//! It changes nothing. To mask matches, use `regexReplace`.

use chartly_json::Value;
use regex::Regex;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, pattern_options, text};

#[derive(Debug)]
struct DenyPattern(Regex);

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(DenyPattern(pattern_options::read(options, "pattern")?)))
}

impl Op for DenyPattern {
    fn name(&self) -> &'static str {
        "denyPattern"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        if self.0.is_match(&text::of_scalar(&value)?) {
            return Err(Failure::DeniedPattern);
        }
        Ok(Outcome::Value(value))
    }
}

const CARD: &str = r#"{"pattern": "[0-9]{13,16}"}"#;

const EXAMPLES: &[Example] = &[
    Example::returns(r#""call me""#, r#""call me""#).with(CARD),
    Example::fails(r#""card 4111111111111111""#, Failure::DeniedPattern).with(CARD),
    Example::fails("4111111111111111", Failure::DeniedPattern).with(CARD),
    Example::fails("{}", Failure::NotAScalar).with(CARD),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "denyPattern",
    promise: "A scalar whose text (as `toString` writes it) contains a match of the pattern is `POLICY_VIOLATION`; any other passes \
              unchanged. An array or object, which could hide a match, fails.",
    options: &[("pattern", pattern_options::PATTERN_MEANING)],
    examples: EXAMPLES,
    compile,
};
