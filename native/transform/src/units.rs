//! Units and the exact factors between them, by definition (SI brochure, 1959 yard and pound, NIST SP 811).
//!
//! Units whose factor isn't rational (a radian in degrees) are left out, as they have no exact result.

use crate::Failure;
use crate::decimal::{Decimal, Rounding};

mod table;

pub use table::UNITS;

/// A unit: `base = (value + offset) × numerator ÷ denominator`, in its dimension's base unit.
#[derive(Debug)]
pub struct Unit {
    /// The name in profiles.
    pub name: &'static str,
    /// What it measures.
    pub dimension: &'static str,
    numerator: &'static str,
    denominator: &'static str,
    offset: &'static str,
}

/// Return a unit by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.name == name)
}

/// The conversion between two units: `to = ((value + before) × multiplier − after × divisor) ÷ divisor`.
#[derive(Debug)]
pub(crate) struct Conversion {
    before: Decimal,
    multiplier: Decimal,
    divisor: Decimal,
    after: Decimal,
}

impl Conversion {
    /// Compute the factor; `None` when it has too many digits.
    pub(crate) fn between(from: &Unit, to: &Unit) -> Option<Self> {
        let decimal = |text: &str| Decimal::from_json(text).ok();
        let up = decimal(from.numerator)?.multiply(decimal(to.denominator)?).ok()?;
        let down = decimal(from.denominator)?.multiply(decimal(to.numerator)?).ok()?;
        let (multiplier, divisor) = Decimal::reduced(up, down)?;
        let after = decimal(to.offset)?.multiply(divisor).ok()?;
        Some(Self { before: decimal(from.offset)?, multiplier, divisor, after })
    }

    /// Return whether every number with finitely many digits is converted to one.
    pub(crate) fn always_ends(&self) -> bool {
        Decimal::ONE.divide(self.divisor, None).is_ok()
    }

    pub(crate) fn apply(&self, value: Decimal, cut: Option<(u32, Rounding)>) -> Result<Decimal, Failure> {
        let scaled = value.add(self.before)?.multiply(self.multiplier)?;
        scaled.subtract(self.after)?.divide(self.divisor, cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every unit's definition is readable, its name is unique, and it converts to every unit of its dimension.
    #[test]
    fn every_pair_converts() {
        for from in UNITS {
            assert_eq!(UNITS.iter().filter(|unit| unit.name == from.name).count(), 1, "{}", from.name);
            for to in UNITS.iter().filter(|to| to.dimension == from.dimension) {
                assert!(Conversion::between(from, to).is_some(), "{} to {}", from.name, to.name);
            }
        }
    }

    /// Converting there and back gives the same value.
    #[test]
    fn conversions_are_each_others_inverse() {
        for from in UNITS {
            for to in UNITS.iter().filter(|to| to.dimension == from.dimension) {
                let there = Conversion::between(from, to).expect("a conversion");
                let back = Conversion::between(to, from).expect("a conversion");
                let product = there.multiplier.multiply(back.multiplier).expect("a product");
                let divisor = there.divisor.multiply(back.divisor).expect("a product");
                assert_eq!(product, divisor, "{} to {}", from.name, to.name);
            }
        }
    }

    /// Boiling water, a marathon and a tyre pressure are converted to their known values.
    #[test]
    fn known_values_hold() {
        for (value, from, to, scale, expected) in [
            ("212", "degF", "degC", 6, "100"),
            ("0", "K", "degF", 2, "-459.67"),
            ("26.21875", "mi", "m", 3, "42194.988"),
            ("32", "psi", "bar", 4, "2.2063"),
            ("1", "galUS", "l", 9, "3.785411784"),
            ("100", "km/h", "mi/h", 3, "62.137"),
            ("1", "kWh", "MJ", 1, "3.6"),
            ("1", "mmHg", "Pa", 6, "133.322387"),
        ] {
            let (from, to) = (find(from).expect(from), find(to).expect(to));
            let conversion = Conversion::between(from, to).expect("a conversion");
            let value = Decimal::from_json(value).expect("a number");
            let result = conversion.apply(value, Some((scale, Rounding::HalfEven)));
            assert_eq!(result.map(Decimal::to_text).as_deref(), Ok(expected), "{} {}", from.name, to.name);
        }
    }
}
