//! `toDecimal`: an exact decimal of a fixed scale, for money and other values that must not become a double.
//!
//! It cuts digits only by a rounding that the profile names; otherwise too many digits are a loss of precision.

use chartly_json::Value;

use crate::decimal::{DIGITS_MAX, Rounding};
use crate::definition::Definition;
use crate::number::{digits_before_point, exact_or_text, rounded_or_text};
use crate::options::{Options, ROUNDING_MEANING};
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType};

#[derive(Debug)]
struct ToDecimal {
    precision: u32,
    scale: u32,
    rounding: Option<Rounding>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let precision = options.required("precision", options.count("precision", 1, DIGITS_MAX)?)?;
    let scale = options.required("scale", options.count("scale", 0, precision)?)?;
    Ok(Box::new(ToDecimal { precision, scale, rounding: options.rounding()? }))
}

impl Op for ToDecimal {
    fn name(&self) -> &'static str {
        "toDecimal"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        if digits_before_point(&value) > i64::from(self.precision - self.scale) {
            return Err(Failure::Overflow);
        }
        let number = match self.rounding {
            Some(rounding) => rounded_or_text(&value, self.scale, rounding)?,
            None => exact_or_text(&value)?,
        };
        let (before, after) = number.digit_counts();
        if before > self.precision - self.scale {
            return Err(Failure::Overflow);
        }
        if after > self.scale {
            return Err(Failure::PrecisionLoss);
        }
        Ok(Outcome::Value(Value::Decimal(number.to_fixed_text(self.scale)?.into())))
    }

    fn result_type(&self) -> ResultType {
        ResultType::Decimal { precision: self.precision, scale: self.scale }
    }
}

const MONEY: &str = r#"{"precision": 12, "scale": 2}"#;

const EXAMPLES: &[Example] = &[
    Example::returns(r#""19.9""#, r#""19.90""#).with(MONEY),
    Example::returns("1e3", r#""1000.00""#).with(MONEY),
    Example::returns("-0", r#""0.00""#).with(MONEY),
    Example::returns("9007199254740993", r#""9007199254740993""#).with(r#"{"precision": 20, "scale": 0}"#),
    Example::fails("0.005", Failure::PrecisionLoss).with(MONEY),
    Example::returns("0.005", r#""0.00""#).with(r#"{"precision": 12, "scale": 2, "rounding": "halfEven"}"#),
    Example::returns("0.005", r#""0.01""#).with(r#"{"precision": 12, "scale": 2, "rounding": "halfUp"}"#),
    Example::returns("0.1000000000000000055511151231257827021181583404541015625", r#""0.10""#)
        .with(r#"{"precision": 12, "scale": 2, "rounding": "halfEven"}"#),
    Example::fails("10000000000", Failure::Overflow).with(MONEY),
    Example::fails("99999999999999999999999999999999999999999.5", Failure::Overflow).with(MONEY),
    Example::fails(r#""1,000.00""#, Failure::NotANumber).with(MONEY),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "toDecimal",
    promise: "A JSON number, or a string that is exactly a JSON number, becomes an exact decimal with `scale` digits after the point and \
              at most `precision` digits in total. Canonical JSON writes it as a string, Arrow as decimal128. It is never converted to a \
              double.",
    options: &[
        ("precision", "all digits, 1–38; required"),
        ("scale", "digits after the point, 0 to `precision`; required"),
        ("rounding", ROUNDING_MEANING),
    ],
    examples: EXAMPLES,
    compile,
};
