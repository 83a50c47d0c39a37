//! `multipleOf`, by exact decimals: 19.99 is a multiple of 0.01, and 1e308 of 0.5.

use chartly_json::number::Exact;
use chartly_json::{Node, Value};
use num_bigint::BigUint;

use crate::compile::{Compiled, Context};
use crate::schema::{Description, Keyword, Run};
use crate::{Bound, Rule};

#[derive(Debug)]
struct MultipleOf(Bound);

pub(super) fn compile<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    // The meta-schema requires a divisor above zero. Where it doesn't apply, a zero asserts nothing.
    let bound = Bound::of(&node.value).filter(|bound| !Exact::new(&bound.text).is_zero());
    Ok(bound.map(|bound| Box::new(MultipleOf(bound)) as Box<dyn Keyword>))
}

impl Keyword for MultipleOf {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        self.0.divides(instance) != Some(false)
    }

    fn describe(&self) -> Description<'_> {
        Description::Rule(Rule::MultipleOf(self.0.clone()))
    }
}

impl Bound {
    /// Return whether a number is a multiple of the bound's; `None` when the value is no number.
    #[must_use]
    pub fn divides(&self, value: &Value<'_>) -> Option<bool> {
        value.with_exact(|exact| is_multiple(&exact, &Exact::new(&self.text)))
    }
}

/// Return whether `value = n × divisor` for an integer `n`.
///
/// Both are integers of digits times a power of ten, `v × 10^p` and `d × 10^q`, and neither `v` nor `d` ends in zero.
/// With `p < q`, ten would have to divide `v`. Otherwise the question is `v × 10^(p-q) ≡ 0 (mod d)`, which never needs
/// the power itself: an exponent of a billion takes thirty steps.
fn is_multiple(value: &Exact<'_>, divisor: &Exact<'_>) -> bool {
    if value.is_zero() {
        return true;
    }
    let exponent = |exact: &Exact<'_>| exact.point() - i64::try_from(exact.digit_count()).unwrap_or(i64::MAX);
    let Ok(power) = u64::try_from(exponent(value) - exponent(divisor)) else { return false };
    if let Some(modulus) = small(divisor) {
        let remainder = value.digits().fold(0_u64, |rest, digit| step(rest, digit, modulus));
        return multiply(remainder, power_of_ten(power, modulus), modulus) == 0;
    }
    let modulus = large(divisor);
    let remainder = large(value) % &modulus * BigUint::from(10_u8).modpow(&BigUint::from(power), &modulus);
    remainder % modulus == BigUint::ZERO
}

/// Return the digits as one integer, if it fits.
fn small(exact: &Exact<'_>) -> Option<u64> {
    exact.digits().try_fold(0_u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

fn large(exact: &Exact<'_>) -> BigUint {
    let digits: Vec<u8> = exact.digits().collect();
    BigUint::parse_bytes(&digits, 10).unwrap_or_default()
}

fn step(rest: u64, digit: u8, modulus: u64) -> u64 {
    reduce(u128::from(rest) * 10 + u128::from(digit - b'0'), modulus)
}

fn multiply(one: u64, other: u64, modulus: u64) -> u64 {
    reduce(u128::from(one) * u128::from(other), modulus)
}

#[allow(clippy::cast_possible_truncation)] // below the modulus, which is a u64
fn reduce(value: u128, modulus: u64) -> u64 {
    (value % u128::from(modulus)) as u64
}

fn power_of_ten(mut power: u64, modulus: u64) -> u64 {
    let (mut result, mut base) = (1 % modulus, 10 % modulus);
    while power > 0 {
        if power & 1 == 1 {
            result = multiply(result, base, modulus);
        }
        base = multiply(base, base, modulus);
        power >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn divides(divisor: &str, value: &str) -> bool {
        is_multiple(&Exact::new(value), &Exact::new(divisor))
    }

    /// Decimals are divided exactly, where doubles would be wrong.
    #[test]
    fn divides_decimals() {
        let cases = [
            ("0.01", "19.99", true),
            ("0.01", "19.999", false),
            ("0.0001", "0.0075", true),
            ("1e-8", "12391239123", true),
            ("0.5", "1e308", true),
            ("3", "1e1000000000000", false),
            ("2", "1e1000000000000", true),
            ("7", "0", true),
            ("100", "50", false),
            ("123456789012345678901", "370370367037037036703", true),
            ("123456789012345678901", "370370367037037036704", false),
            ("1e400", "3e400", true),
        ];
        for (divisor, value, expected) in cases {
            assert_eq!(divides(divisor, value), expected, "{value} by {divisor}");
        }
    }

    proptest! {
        /// The fast path and big integers agree with integer division of scaled decimals.
        #[test]
        fn agrees_with_scaled_integers(value in 0..1_000_000_000_u64, value_scale in 0..9_u32, divisor in 1..100_000_u64, divisor_scale in 0..9_u32) {
            let write = |digits: u64, scale: u32| format!("{digits}e-{scale}");
            let scaled = u128::from(value) * 10_u128.pow(9 - value_scale);
            let by = u128::from(divisor) * 10_u128.pow(9 - divisor_scale);
            let expected = scaled.is_multiple_of(by);
            prop_assert_eq!(divides(&write(divisor, divisor_scale), &write(value, value_scale)), expected);
        }
    }
}
