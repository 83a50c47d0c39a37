//! Exact decimals of up to 38 digits, for arithmetic, units and `toDecimal`.
//!
//! A double is converted through the decimal that RFC 8785 writes for it, so 0.1 + 0.2 is 0.3 here. A result of more
//! digits than decimal128 holds is a failure and is not rounded.

use std::cmp::Ordering;

use chartly_json::number::{Exact, nearest, surviving};

use crate::Failure;

/// The digits of decimal128, the widest exact number in a plan's output (the limit of Arrow and of `IEEE 754`).
pub const DIGITS_MAX: u32 = 38;

/// Exponents beyond this are outside of doubles (1.8e308, 5e-324, with 38 digits of slack) and are set to it while
/// reading.
const EXPONENT_MAX: i64 = 400;

/// The most digits after the point that a profile may set: decimal128's.
pub(crate) const SCALE_MAX: u32 = DIGITS_MAX;

/// How a result is rounded to its scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest, a tie to the even digit.
    HalfEven,
    /// To the nearest, a tie away from zero.
    HalfUp,
    /// To the nearest, a tie towards zero.
    HalfDown,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
    /// Towards negative infinity.
    Floor,
    /// Towards positive infinity.
    Ceiling,
}

/// `coefficient × 10^exponent`. The coefficient has no trailing zeros and is below 10^38; zero is `0 × 10^0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    coefficient: i128,
    exponent: i32,
}

const LIMIT: u128 = 10_u128.pow(DIGITS_MAX);

impl Decimal {
    /// Zero, without a sign.
    pub const ZERO: Self = Self { coefficient: 0, exponent: 0 };

    /// One.
    pub const ONE: Self = Self { coefficient: 1, exponent: 0 };

    /// Make `coefficient × 10^exponent`.
    ///
    /// # Errors
    /// [`Failure::PrecisionLoss`] for more than 38 digits, [`Failure::Overflow`] for an exponent out of bounds.
    pub fn new(coefficient: i128, exponent: i64) -> Result<Self, Failure> {
        let (mut coefficient, mut exponent) = (coefficient, exponent);
        if coefficient == 0 {
            return Ok(Self::ZERO);
        }
        while coefficient % 10 == 0 {
            coefficient /= 10;
            exponent += 1;
        }
        if coefficient.unsigned_abs() >= LIMIT {
            return Err(Failure::PrecisionLoss);
        }
        if exponent > EXPONENT_MAX {
            return Err(Failure::Overflow);
        }
        if exponent < -EXPONENT_MAX {
            return Err(Failure::PrecisionLoss);
        }
        let exponent = i32::try_from(exponent).map_err(|_| Failure::Overflow)?;
        Ok(Self { coefficient, exponent })
    }

    /// Read text that is a JSON number.
    ///
    /// # Errors
    /// [`Failure::PrecisionLoss`] for more than 38 digits; [`Failure::Overflow`] beyond any double's exponent.
    pub fn from_json(text: &str) -> Result<Self, Failure> {
        let exact = Exact::new(text);
        let digits = u32::try_from(exact.digit_count()).unwrap_or(u32::MAX);
        if digits > DIGITS_MAX {
            nearest(text)?;
            return Err(Failure::PrecisionLoss);
        }
        let coefficient = exact.digits().fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
        let exponent = exact.point() - i64::from(digits);
        Self::new(if exact.is_negative() { -coefficient } else { coefficient }, exponent)
    }

    /// Read text that is a JSON number and round it to `scale` digits after the point. Any number of digits may be cut
    /// off.
    ///
    /// # Errors
    /// As [`Decimal::from_json`], for a number of more than 38 digits after rounding.
    pub fn rounded_from_json(text: &str, scale: u32, rounding: Rounding) -> Result<Self, Failure> {
        let exact = Exact::new(text);
        let digits = i64::try_from(exact.digit_count()).unwrap_or(i64::MAX);
        let kept = exact.point().saturating_add(scale.into());
        if kept >= digits || kept > DIGITS_MAX.into() {
            return Self::from_json(text)?.round(scale, rounding);
        }
        // The kept digits, and the first one that is cut off. Whether more digits follow decides about ties.
        let mut left = exact.digits();
        let stays = usize::try_from(kept).unwrap_or(0);
        let quotient = left.by_ref().take(stays).fold(0_u128, |sum, digit| sum * 10 + u128::from(digit - b'0'));
        let half = match left.next() {
            Some(first) if kept >= 0 => {
                first.cmp(&b'5').then(if left.next().is_some() { Ordering::Greater } else { Ordering::Equal })
            }
            _ => Ordering::Less,
        };
        let negative = exact.is_negative();
        let magnitude = quotient + u128::from(is_away(quotient, half, negative, rounding));
        let magnitude = i128::try_from(magnitude).map_err(|_| Failure::PrecisionLoss)?;
        Self::new(if negative { -magnitude } else { magnitude }, -i64::from(scale))
    }

    /// Return the decimal that RFC 8785 writes for a finite double.
    ///
    /// # Errors
    /// [`Failure::Overflow`] for an infinity or a NaN.
    pub fn from_double(value: f64) -> Result<Self, Failure> {
        if !value.is_finite() {
            return Err(Failure::Overflow);
        }
        // Rust's `{:e}` writes the shortest digits that read back as the double: ECMAScript's digits.
        Self::from_json(&format!("{value:e}"))
    }

    /// Return whether the value is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.coefficient == 0
    }

    /// Return whether the value has no fraction.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        self.exponent >= 0
    }

    /// Return the absolute value.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self { coefficient: self.coefficient.abs(), exponent: self.exponent }
    }

    /// Return the nearest double, if RFC 8785 writes that double as this decimal.
    ///
    /// # Errors
    /// [`Failure::Overflow`] beyond the largest double, else [`Failure::PrecisionLoss`].
    pub fn to_double(self) -> Result<f64, Failure> {
        let text = format!("{}e{}", self.coefficient, self.exponent);
        Ok(surviving(&text)?.double)
    }

    /// Add exactly.
    ///
    /// # Errors
    /// [`Failure::PrecisionLoss`] when the sum has more than 38 digits.
    pub fn add(self, other: Self) -> Result<Self, Failure> {
        if self.is_zero() {
            return Ok(other);
        }
        let exponent = if other.is_zero() { self.exponent } else { self.exponent.min(other.exponent) };
        let sum = self.coefficient_at(exponent)?.checked_add(other.coefficient_at(exponent)?);
        Self::new(sum.ok_or(Failure::PrecisionLoss)?, exponent.into())
    }

    /// Subtract exactly.
    ///
    /// # Errors
    /// As [`Decimal::add`].
    pub fn subtract(self, other: Self) -> Result<Self, Failure> {
        self.add(Self { coefficient: -other.coefficient, ..other })
    }

    /// Multiply exactly.
    ///
    /// # Errors
    /// [`Failure::PrecisionLoss`] when the product has more than 38 digits.
    pub fn multiply(self, other: Self) -> Result<Self, Failure> {
        let product = self.coefficient.checked_mul(other.coefficient).ok_or(Failure::PrecisionLoss)?;
        Self::new(product, i64::from(self.exponent) + i64::from(other.exponent))
    }

    /// Divide, exactly or rounded to `scale` digits after the point.
    ///
    /// # Errors
    /// [`Failure::DivisionByZero`]; [`Failure::PrecisionLoss`] when no scale is given and the quotient has infinitely
    /// many digits, or when it has more than 38.
    pub fn divide(self, other: Self, cut: Option<(u32, Rounding)>) -> Result<Self, Failure> {
        if other.is_zero() {
            return Err(Failure::DivisionByZero);
        }
        if self.is_zero() {
            return Ok(Self::ZERO);
        }
        let Some((scale, rounding)) = cut else { return self.divide_exactly(other) };
        // quotient × 10^scale = a/b × 10^shift; the shift is applied to the side on which both stay integers.
        let shift = i64::from(self.exponent) - i64::from(other.exponent) + i64::from(scale);
        let (mut dividend, mut divisor) = (self.coefficient.unsigned_abs(), other.coefficient.unsigned_abs());
        if shift >= 0 {
            dividend = raised(dividend, shift).ok_or(Failure::PrecisionLoss)?;
        } else if let Some(value) = raised(divisor, -shift) {
            divisor = value;
        } else {
            // The divisor exceeded 2^128 and the dividend is below 10^38: the quotient is less than a half, and only
            // its sign matters.
            (dividend, divisor) = (1, 3);
        }
        let negative = (self.coefficient < 0) != (other.coefficient < 0);
        let magnitude = rounded_quotient(dividend, divisor, negative, rounding);
        let magnitude = i128::try_from(magnitude).map_err(|_| Failure::PrecisionLoss)?;
        Self::new(if negative { -magnitude } else { magnitude }, -i64::from(scale))
    }

    fn divide_exactly(self, other: Self) -> Result<Self, Failure> {
        let (mut dividend, mut exponent) = (self.coefficient, i64::from(self.exponent) - i64::from(other.exponent));
        let common = greatest_common_divisor(dividend.unsigned_abs(), other.coefficient.unsigned_abs()).cast_signed();
        let divisor = other.coefficient / common;
        dividend /= common;
        // A reduced fraction has finitely many digits only if its divisor has no factors except 2 and 5.
        while dividend % divisor != 0 {
            let rest = greatest_common_divisor(divisor.unsigned_abs(), 10).cast_signed();
            if rest == 1 {
                return Err(Failure::PrecisionLoss);
            }
            dividend = scaled(dividend, 1)?;
            exponent -= 1;
            if exponent < -2 * EXPONENT_MAX {
                return Err(Failure::PrecisionLoss);
            }
        }
        Self::new(dividend / divisor, exponent)
    }

    /// Round to `scale` digits after the point.
    ///
    /// # Errors
    /// Only when rounding carries into a 39th digit.
    pub fn round(self, scale: u32, rounding: Rounding) -> Result<Self, Failure> {
        if self.exponent >= -scale.cast_signed() {
            return Ok(self);
        }
        self.divide(Self::ONE, Some((scale, rounding)))
    }

    /// Return the same ratio in lowest terms as two integers; `None` when they have more than 38 digits or one is zero.
    pub(crate) fn reduced(numerator: Self, denominator: Self) -> Option<(Self, Self)> {
        let exponent = numerator.exponent.min(denominator.exponent);
        let (above, below) = (numerator.coefficient_at(exponent).ok()?, denominator.coefficient_at(exponent).ok()?);
        let common = greatest_common_divisor(above.unsigned_abs(), below.unsigned_abs());
        let common = i128::try_from(common).ok().filter(|common| *common != 0)?;
        Some((Self::new(above / common, 0).ok()?, Self::new(below / common, 0).ok()?))
    }

    /// Return whether this value is below the other.
    #[must_use]
    pub(crate) fn is_less_than(self, other: Self) -> bool {
        let [one, another] = [self, other].map(Self::to_text);
        Exact::new(&one) < Exact::new(&another)
    }

    /// Return the number of digits before the point (0 for a number below 1) and after it.
    #[must_use]
    pub fn digit_counts(self) -> (u32, u32) {
        let digits = self.coefficient.unsigned_abs().checked_ilog10().map_or(0, |log| log + 1);
        let before = if self.is_zero() { 0 } else { digits.saturating_add_signed(self.exponent) };
        (before, (-self.exponent).max(0).cast_unsigned())
    }

    /// Return the coefficient at `10^exponent`, which must not be above the value's own exponent.
    ///
    /// # Errors
    /// [`Failure::PrecisionLoss`] when it has more than 38 digits.
    pub fn coefficient_at(self, exponent: i32) -> Result<i128, Failure> {
        if self.is_zero() {
            return Ok(0);
        }
        let shift = i64::from(self.exponent) - i64::from(exponent);
        if shift < 0 {
            return Err(Failure::PrecisionLoss);
        }
        scaled(self.coefficient, shift)
    }

    /// Return the text in ECMAScript's layout with all digits: plain from 1e-7 to 1e21, else with an exponent.
    #[must_use]
    pub fn to_text(self) -> String {
        let digits = self.coefficient.unsigned_abs().to_string();
        let sign = if self.coefficient < 0 { "-" } else { "" };
        let count = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        // The point is after this many digits: `n` of ECMA-262, Number::toString.
        let point = count + i64::from(self.exponent);
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
        let at = usize::try_from(point).unwrap_or(0).min(digits.len());
        match point {
            _ if self.is_zero() => "0".to_owned(),
            1..=21 if point >= count => format!("{sign}{digits}{}", zeros(point - count)),
            1..=21 => format!("{sign}{}.{}", &digits[..at], &digits[at..]),
            -5..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
            _ => {
                let (first, rest) = digits.split_at(1);
                let dot = if rest.is_empty() { "" } else { "." };
                let plus = if point > 0 { "+" } else { "" };
                format!("{sign}{first}{dot}{rest}e{plus}{}", point - 1)
            }
        }
    }

    /// Return the text with exactly `scale` digits after the point.
    ///
    /// # Errors
    /// As [`Decimal::coefficient_at`].
    pub fn to_fixed_text(self, scale: u32) -> Result<String, Failure> {
        let unscaled = self.coefficient_at(-scale.cast_signed())?;
        let width = scale as usize + 1;
        let digits = format!("{:0>width$}", unscaled.unsigned_abs());
        let sign = if unscaled < 0 { "-" } else { "" };
        let (whole, fraction) = digits.split_at(digits.len() - scale as usize);
        Ok(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
    }
}

fn scaled(coefficient: i128, shift: i64) -> Result<i128, Failure> {
    let magnitude = raised(coefficient.unsigned_abs(), shift).and_then(|value| i128::try_from(value).ok());
    magnitude.map(|value| value * coefficient.signum()).ok_or(Failure::PrecisionLoss)
}

fn raised(coefficient: u128, shift: i64) -> Option<u128> {
    let shift = u32::try_from(shift).ok().filter(|shift| *shift <= DIGITS_MAX)?;
    coefficient.checked_mul(10_u128.pow(shift))
}

fn greatest_common_divisor(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// Return the absolute value of a quotient, rounded to an integer.
fn rounded_quotient(dividend: u128, divisor: u128, negative: bool, rounding: Rounding) -> u128 {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    if rest == 0 {
        return quotient;
    }
    // Compare the remainder with half the divisor without doubling, which could overflow.
    let half = rest.cmp(&(divisor - rest));
    quotient + u128::from(is_away(quotient, half, negative, rounding))
}

/// Return whether rounding increases the absolute value of an integer; `half` compares the part that is cut off with a
/// half.
fn is_away(quotient: u128, half: Ordering, negative: bool, rounding: Rounding) -> bool {
    match rounding {
        Rounding::HalfEven => half.is_gt() || (half.is_eq() && !quotient.is_multiple_of(2)),
        Rounding::HalfUp => half.is_ge(),
        Rounding::HalfDown => half.is_gt(),
        Rounding::Down => false,
        Rounding::Up => true,
        Rounding::Floor => negative,
        Rounding::Ceiling => !negative,
    }
}

#[cfg(test)]
mod tests;
