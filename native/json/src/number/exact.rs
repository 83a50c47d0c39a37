//! A number's exact decimal value, read from its text without conversion: order, equality, and the digits for
//! arithmetic elsewhere.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// The exact value `±0.d₁d₂…dₖ × 10^point`. Zero has no digits and no sign.
///
/// ```
/// use chartly_json::number::Exact;
///
/// assert_eq!(Exact::new("1.50e2"), Exact::new("150"));
/// assert_eq!(Exact::new("-0.0"), Exact::new("0"));
/// assert!(Exact::new("9007199254740993") > Exact::new("9007199254740992"));
/// assert!(Exact::new("150").is_integer() && !Exact::new("0.15").is_integer());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Exact<'a> {
    negative: bool,
    /// The digits, in two parts because a decimal point may be between them. The first digit and the last one are not
    /// zero.
    digits: [&'a [u8]; 2],
    /// The position of the decimal point, counted from the first digit. It saturates at ±2⁶², far beyond any double.
    point: i64,
}

/// Exponents beyond this saturate. Two numbers with different exponents beyond it compare equal, which makes no
/// difference for doubles.
const EXPONENT_MAX: i64 = 1 << 62;

impl<'a> Exact<'a> {
    /// Read text that is a JSON number.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let (negative, unsigned) = match bytes.split_first() {
            Some((b'-', rest)) => (true, rest),
            _ => (false, bytes),
        };
        let exponent_at = unsigned.iter().position(|byte| matches!(byte, b'e' | b'E')).unwrap_or(unsigned.len());
        let (mantissa, exponent) = unsigned.split_at(exponent_at);
        let point_at = mantissa.iter().position(|&byte| byte == b'.').unwrap_or(mantissa.len());
        let whole = &mantissa[..point_at];
        let fraction = mantissa.get(point_at + 1..).unwrap_or_default();
        Self::from_parts(negative, whole, fraction, read_exponent(exponent))
    }

    pub(crate) fn from_parts(negative: bool, whole: &'a [u8], fraction: &'a [u8], exponent: i64) -> Self {
        let whole_stripped = strip_leading(whole);
        let mut point = exponent + length(whole_stripped);
        let mut digits = [whole_stripped, fraction];
        if whole_stripped.is_empty() {
            digits[1] = strip_leading(fraction);
            point -= length(fraction) - length(digits[1]);
        }
        digits[1] = strip_trailing(digits[1]);
        if digits[1].is_empty() {
            digits[0] = strip_trailing(digits[0]);
        }
        if digits[0].is_empty() && digits[1].is_empty() {
            return Self { negative: false, digits, point: 0 };
        }
        Self { negative, digits, point }
    }

    /// Return whether the value is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Return whether the value is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.digit_count() == 0
    }

    /// Return whether the value has no fraction: `1.0` and `1e2` have none.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        self.point >= i64::try_from(self.digit_count()).unwrap_or(i64::MAX) || self.is_zero()
    }

    /// Return the significant digits as ASCII, from first to last.
    pub fn digits(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.digits[0].iter().chain(self.digits[1]).copied()
    }

    /// Return how many significant digits there are.
    #[must_use]
    pub fn digit_count(&self) -> usize {
        self.digits[0].len() + self.digits[1].len()
    }

    /// Return the position of the decimal point, counted from the first digit: the value is `0.digits × 10^point`.
    #[must_use]
    pub fn point(&self) -> i64 {
        self.point
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.point.cmp(&other.point).then_with(|| self.digits().cmp(other.digits())),
        }
    }
}

impl Ord for Exact<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
        }
    }
}

impl PartialOrd for Exact<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Exact<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Exact<'_> {}

impl Hash for Exact<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.negative, self.point).hash(state);
        for digit in self.digits() {
            state.write_u8(digit);
        }
    }
}

fn length(digits: &[u8]) -> i64 {
    i64::try_from(digits.len()).unwrap_or(EXPONENT_MAX)
}

fn strip_leading(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    &digits[zeros..]
}

fn strip_trailing(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().rev().take_while(|&&digit| digit == b'0').count();
    &digits[..digits.len() - zeros]
}

/// Return the value of `e±digits`, or zero for an empty text.
fn read_exponent(text: &[u8]) -> i64 {
    let (negative, digits) = match text {
        [_, b'-', digits @ ..] => (true, digits),
        [_, b'+', digits @ ..] | [_, digits @ ..] => (false, digits),
        [] => return 0,
    };
    let mut magnitude = 0_i64;
    for &digit in digits {
        magnitude = magnitude.saturating_mul(10).saturating_add(i64::from(digit.wrapping_sub(b'0'))).min(EXPONENT_MAX);
    }
    if negative { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Different notations of one value are equal, and values are ordered as numbers.
    #[test]
    fn orders_values_not_spellings() {
        let line =
            ["-1e400", "-2", "-1.5", "-1e-9", "0", "1e-400", "0.1", "1", "1.00000000000000000001", "2", "10", "1e400"];
        for pair in line.windows(2) {
            assert!(Exact::new(pair[0]) < Exact::new(pair[1]), "{pair:?}");
        }
        for (one, other) in [("100", "1e2"), ("1.0", "1"), ("0e9", "-0"), ("0.0010", "1E-3"), ("120e-1", "12")] {
            assert_eq!(Exact::new(one), Exact::new(other));
        }
    }

    /// A number with an exponent too long for any integer type is larger than all ordinary numbers.
    #[test]
    fn saturates_astronomic_exponents() {
        assert!(Exact::new("1e99999999999999999999999") > Exact::new("9e999999"));
        assert!(Exact::new("1e-99999999999999999999999") < Exact::new("1e-999999"));
    }
}
