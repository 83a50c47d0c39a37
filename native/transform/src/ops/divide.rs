//! `divide`: the quotient of the field and another number, exact or rounded as the profile says.
//!
//! A quotient with infinitely many digits has no exact decimal: without a `scale` it is a loss of precision.

use chartly_json::Value;

use crate::decimal::{Rounding, SCALE_MAX};
use crate::definition::Definition;
use crate::operand::{self, Operand};
use crate::options::{self, Options};
use crate::{Example, Failure, Fields, Op, OpError, Outcome, number};

#[derive(Debug)]
struct Divide {
    operand: Operand,
    cut: Option<(u32, Rounding)>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let operand = Operand::read(options)?;
    if let Operand::Literal(divisor) = &operand
        && divisor.is_zero()
    {
        return Err(options.bad("value", "a number other than 0"));
    }
    Ok(Box::new(Divide { operand, cut: options.cut(SCALE_MAX)? }))
}

impl Op for Divide {
    fn name(&self) -> &'static str {
        "divide"
    }

    fn apply<'a>(&self, value: Value<'a>, record: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let quotient = number::exact(&value)?.divide(self.operand.of(record)?, self.cut)?;
        number::computed(quotient, &value)
    }

    fn reads(&self) -> &[Box<str>] {
        self.operand.reads()
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns("1999", "19.99").with(r#"{"value": 100}"#),
    Example::fails("2", Failure::PrecisionLoss).with(r#"{"value": 3}"#),
    Example::returns("2", "0.6667").with(r#"{"value": 3, "scale": 4}"#),
    Example::returns("2", "0.6666").with(r#"{"value": 3, "scale": 4, "rounding": "down"}"#),
    Example::fails("2", Failure::DivisionByZero).with(r#"{"valueFrom": "count"}"#).among(r#"{"count": 0}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "divide",
    promise: "A number becomes its quotient by another: exact, or rounded to `scale` digits after the point. A quotient with \
              infinitely many digits fails without `scale`. The result must survive as a double; an exact decimal stays an exact decimal.",
    options: &[operand::VALUE, operand::VALUE_FROM, options::SCALE, options::ROUNDING],
    examples: EXAMPLES,
    compile,
};
