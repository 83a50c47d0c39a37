//! `round`: round a number to a number of digits after the point.
//!
//! It rounds the decimal as written, not the double: 2.675 to two digits is 2.68.

use chartly_json::Value;

use crate::decimal::{Rounding, SCALE_MAX};
use crate::definition::Definition;
use crate::options::{self, Options};
use crate::{Example, Failure, Fields, Op, OpError, Outcome, number};

#[derive(Debug)]
struct Round {
    scale: u32,
    rounding: Rounding,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let scale = options.count("scale", 0, SCALE_MAX)?.unwrap_or(0);
    let rounding = options.rounding()?.unwrap_or(Rounding::HalfEven);
    Ok(Box::new(Round { scale, rounding }))
}

impl Op for Round {
    fn name(&self) -> &'static str {
        "round"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        number::computed(number::rounded(&value, self.scale, self.rounding)?, &value)
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns("2.5", "2"),
    Example::returns("2.675", "2.68").with(r#"{"scale": 2}"#),
    Example::returns("2.5", "3").with(r#"{"rounding": "halfUp"}"#),
    Example::returns("-0.4", "0"),
    Example::returns("7", "7").with(r#"{"scale": 2}"#),
    Example::returns("0.1000000000000000055511151231257827021181583404541015625", "0.1").with(r#"{"scale": 6}"#),
    Example::fails(r#""2.5""#, Failure::NotANumber),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "round",
    promise: "A number is rounded to `scale` digits after the point. Its decimal is rounded, not its double.",
    options: &[("scale", "digits after the point, 0–38; default 0"), options::ROUNDING],
    examples: EXAMPLES,
    compile,
};
