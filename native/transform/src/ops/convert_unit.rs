//! `convertUnit`: convert a number from one unit to another, by exact factors.
//!
//! It doesn't check quantities: the profile decides whether a field holds pounds of mass.

use chartly_json::Value;

use crate::decimal::{Rounding, SCALE_MAX};
use crate::definition::Definition;
use crate::options::{self, Options};
use crate::units::{self, Conversion, Unit};
use crate::{Example, Failure, Fields, Op, OpError, Outcome, number};

#[derive(Debug)]
struct ConvertUnit {
    conversion: Conversion,
    cut: Option<(u32, Rounding)>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let unit = |option| -> Result<&'static Unit, OpError> {
        let name = options.required(option, options.text(option)?)?;
        units::find(name).ok_or_else(|| options.bad(option, "a unit of the table"))
    };
    let (from, to) = (unit("from")?, unit("to")?);
    if from.dimension != to.dimension {
        return Err(options.bad("to", format!("a unit of {}", from.dimension)));
    }
    let conversion =
        Conversion::between(from, to).ok_or_else(|| options.bad("to", "a unit within reach of the other"))?;
    let cut = options.cut(SCALE_MAX)?;
    if cut.is_none() && !conversion.always_ends() {
        return Err(options.missing("scale"));
    }
    Ok(Box::new(ConvertUnit { conversion, cut }))
}

impl Op for ConvertUnit {
    fn name(&self) -> &'static str {
        "convertUnit"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        number::computed(self.conversion.apply(number::exact(&value)?, self.cut)?, &value)
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns("10", "254").with(r#"{"from": "in", "to": "mm"}"#),
    Example::returns("26.2", "42.1648128").with(r#"{"from": "mi", "to": "km"}"#),
    Example::returns("1", "2.2046").with(r#"{"from": "kg", "to": "lb", "scale": 4}"#),
    Example::returns("100", "37.8").with(r#"{"from": "degF", "to": "degC", "scale": 1}"#),
    Example::returns("-40", "-40").with(r#"{"from": "degC", "to": "degF"}"#),
    Example::returns("1.5", "1536").with(r#"{"from": "MiB", "to": "KiB"}"#),
    Example::fails(r#""10""#, Failure::NotANumber).with(r#"{"from": "in", "to": "mm"}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "convertUnit",
    promise: "A number in one unit becomes the number in another of the same dimension, by exact rational factors; see \
              [Units](#units). Where the result may have infinitely many digits, `scale` is required. The result must survive as a \
              double; an exact decimal stays an exact decimal.",
    options: &[
        ("from", "the unit of the field; required"),
        ("to", "the unit of the result, of the same dimension; required"),
        options::SCALE,
        options::ROUNDING,
    ],
    examples: EXAMPLES,
    compile,
};
