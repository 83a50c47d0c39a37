//! Check whether a double can hold a number: its decimal value must equal the decimal that RFC 8785 writes for the
//! nearest double, or be a *faithful print* of that double. Such a number *survives*.
//!
//! A faithful print is a number with a fraction that equals the double rounded to 17 significant digits, as `%.17g`
//! prints it in C, R, Java and `PostgreSQL`: `-73.668450000000007` is the double that RFC 8785 writes as `-73.66845`.

use super::exact::Exact;
use super::shortest::shortest;

/// Why a number cannot enter a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// RFC 8785 writes the nearest double as another decimal, and the number is no faithful print of it.
    #[error("a double cannot hold the number exactly")]
    PrecisionLoss,
    /// The number is beyond the largest double.
    #[error("the number is beyond the range of a double")]
    Overflow,
}

/// A number that a double can hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surviving {
    /// The double, which is never `-0`.
    pub double: f64,
    /// Whether the text is known to be what RFC 8785 writes. When false, it may still be.
    pub canonical_as_is: bool,
    /// Whether the text has the value of what RFC 8785 writes. A faithful print has another one.
    pub is_exact: bool,
}

/// Any decimal of up to 15 digits survives: different ones have different nearest doubles (C's `DBL_DIG`), so no other
/// decimal of that length has the same double.
const SURE_BELOW: u64 = 1_000_000_000_000_000;
/// Every integer up to this one is a double.
const INTEGER_MAX: u64 = 1 << 53;
/// 10²² is the largest power of ten that is a double. Dividing by one of these rounds once, so it is correct (Clinger).
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];
/// The significant digits of a faithful print; each double has its own decimal of so many digits.
const PRINT_DIGITS: usize = 17;
/// The most digits that always fit a `u64`.
const DIGITS_MAX: usize = 19;

/// Convert text that is a JSON number, or return why a double can't hold it. `-0` becomes `0`.
///
/// # Errors
/// [`NumberError::Overflow`] beyond the largest double, else [`NumberError::PrecisionLoss`], also for a number below
/// the smallest double.
///
/// ```
/// use chartly_json::{NumberError, number::surviving};
///
/// assert_eq!(surviving("0.1").map(|number| number.double), Ok(0.1));
/// assert_eq!(surviving("1e21").map(|number| number.double), Ok(1e21));
/// assert_eq!(surviving("-73.668450000000007").map(|number| number.double), Ok(-73.66845));
/// assert_eq!(surviving("9007199254740993"), Err(NumberError::PrecisionLoss));
/// assert_eq!(surviving("36028797018963968"), Err(NumberError::PrecisionLoss));
/// assert_eq!(surviving("1e400"), Err(NumberError::Overflow));
/// ```
#[inline]
pub fn surviving(text: &str) -> Result<Surviving, NumberError> {
    match short_decimal(text.as_bytes()) {
        Some(survivor) => Ok(survivor),
        None => surviving_by_comparison(text),
    }
}

/// Return the double nearest to text that is a JSON number, ties to even; `-0` becomes `0`.
///
/// # Errors
/// [`NumberError::Overflow`] when that is infinite.
pub fn nearest(text: &str) -> Result<f64, NumberError> {
    match text.parse::<f64>() {
        Ok(double) if double.is_finite() => Ok(double + 0.0),
        _ => Err(NumberError::Overflow),
    }
}

/// Return the double nearest to text that is a JSON number of few digits and without an exponent, the most common form;
/// `None` for other forms.
#[must_use]
#[inline]
pub fn nearest_to_short(text: &[u8]) -> Option<f64> {
    short_decimal(text).map(|survivor| survivor.double)
}

/// Return a number that survives by proof, as it has few digits and no exponent; `None` for other forms.
#[inline]
fn short_decimal(text: &[u8]) -> Option<Surviving> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > DIGITS_MAX + 1 {
        return None;
    }
    let (mut magnitude, mut fraction_digits, mut point_seen) = (0_u64, 0_usize, false);
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                magnitude = magnitude.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                fraction_digits += usize::from(point_seen);
            }
            b'.' => point_seen = true,
            _ => return None,
        }
    }
    let is_sure = magnitude < SURE_BELOW || (!point_seen && magnitude <= INTEGER_MAX);
    if !is_sure || digits.len() - usize::from(point_seen) > DIGITS_MAX {
        return None;
    }
    #[allow(clippy::cast_precision_loss)] // at most 2^53, checked above
    let unsigned = magnitude as f64 / POWERS[fraction_digits];
    let ends_well = !point_seen || (digits.last() != Some(&b'0') && unsigned >= 1e-6);
    let canonical_as_is = ends_well && (magnitude != 0 || text.len() == 1);
    Some(Surviving { double: if negative { 0.0 - unsigned } else { unsigned }, canonical_as_is, is_exact: true })
}

#[cold]
fn surviving_by_comparison(text: &str) -> Result<Surviving, NumberError> {
    let (double, exact) = (nearest(text)?, Exact::new(text));
    let is_exact = shortest(double).exact() == exact;
    if is_exact || is_faithful_print(&exact, double) {
        Ok(Surviving { double, canonical_as_is: false, is_exact })
    } else {
        Err(NumberError::PrecisionLoss)
    }
}

/// Return whether a number has a fraction, and equals the double rounded to 17 significant digits, ties to even.
fn is_faithful_print(exact: &Exact<'_>, double: f64) -> bool {
    !exact.is_integer()
        && exact.digit_count() <= PRINT_DIGITS
        && Exact::new(&format!("{double:.digits$e}", digits = PRINT_DIGITS - 1)) == *exact
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short path gives the same result as the comparison, for every text that it accepts.
    #[test]
    fn short_path_agrees_with_comparison() {
        let spellings = [
            "0",
            "-0",
            "0.0",
            "-0.00",
            "1",
            "-1",
            "19.99",
            "19.90",
            "0.000001",
            "0.0000001",
            "0.0000010",
            "999999999999999",
            "0.999999999999999",
            "123456789.012345",
            "9007199254740992",
            "-9007199254740992",
            "100000000000000000",
            "0.0000000000000000001",
            "1234567890123456.5",
        ];
        for text in spellings {
            let slow = surviving_by_comparison(text).map(|number| number.double.to_bits());
            let fast = surviving(text).map(|number| number.double.to_bits());
            assert_eq!(fast, slow, "{text}");
        }
    }

    /// `-0` becomes `0`.
    #[test]
    fn minus_zero_becomes_zero() {
        for text in ["-0", "-0.0", "-0e5", "-0.00000000000000000000000000"] {
            assert_eq!(surviving(text).map(|number| number.double.to_bits()), Ok(0), "{text}");
        }
    }

    /// A number too small for a double is a loss of precision, and one too large is an overflow.
    #[test]
    fn names_the_failure() {
        assert_eq!(surviving("1e-400"), Err(NumberError::PrecisionLoss));
        assert_eq!(surviving("-1e309"), Err(NumberError::Overflow));
        assert_eq!(surviving("0.1000000000000000055511151231257827"), Err(NumberError::PrecisionLoss));
        assert_eq!(surviving("0e999999999999").map(|number| number.double), Ok(0.0));
    }

    /// What `%.17g` prints of a double survives as that double; its neighbours in the last digit don't.
    #[test]
    fn faithful_prints_survive() {
        let prints = [
            ("-73.668450000000007", -73.66845),
            ("0.10000000000000001", 0.1),
            ("0.30000000000000004", 0.300_000_000_000_000_04),
            ("1.0000076293945312", 1.0 + 2f64.powi(-17)),
            ("1234567.8899999999", 1_234_567.89),
            ("4.9406564584124654e-324", 5e-324),
            ("2.2250738585072014e-308", f64::MIN_POSITIVE),
            ("-7.3668450000000007E1", -73.66845),
        ];
        for (text, double) in prints {
            assert_eq!(surviving(text).map(|number| number.double), Ok(double), "{text}");
        }
        for text in [
            "-73.668450000000008",
            "-73.668450000000006",
            "0.100000000000000005",
            "0.1000000000000000055",
            "1.0000076293945313",
            "1.00000762939453125",
            "4.9406564584124655e-324",
            // Integers must be exact.
            "9007199254740993",
            "36028797018963968",
            "1.2345678901234567890e15",
        ] {
            assert_eq!(surviving(text), Err(NumberError::PrecisionLoss), "{text}");
        }
    }

    /// Text that is marked canonical equals its canonical form.
    #[test]
    fn marks_canonical_text() {
        for text in ["0", "1", "-1", "19.99", "0.000001", "100", "9007199254740992"] {
            assert!(surviving(text).is_ok_and(|number| number.canonical_as_is), "{text}");
        }
        for text in ["-0", "0.0", "1.0", "19.90", "0.0000001", "1e2"] {
            assert!(surviving(text).is_ok_and(|number| !number.canonical_as_is), "{text}");
        }
    }
}
