//! Numbers as ECMAScript writes doubles (RFC 8785 §3.2.2.3): the layout of the shortest digits.

use chartly_json::NumberError;
use chartly_json::number::{Shortest, nearest, shortest, surviving};

/// How a number is handled that a double can't hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// It is refused, as payloads require.
    MustSurvive,
    /// It is rounded to the nearest double, as RFC 8785 does.
    Nearest,
}

/// Write a finite double; `-0` as `0`.
///
/// ```
/// let mut out = Vec::new();
/// for double in [1e21, 333_333_333.333_333_3, -0.0, 1e-7, 100.0] {
///     chartly_canonical::write_double(double, &mut out);
///     out.push(b' ');
/// }
/// assert_eq!(out, b"1e+21 333333333.3333333 0 1e-7 100 ");
/// ```
pub fn write_double(double: f64, out: &mut Vec<u8>) {
    /// Integers below this have at most 15 digits, are exact, and are written as integers are.
    const PLAIN_INTEGER_BELOW: f64 = 1e15;
    #[allow(clippy::cast_possible_truncation)] // the range is checked right after
    let integer = double as i64;
    #[allow(clippy::cast_precision_loss, clippy::float_cmp)] // exact below 2^53, and exactness is the question
    if double.abs() < PLAIN_INTEGER_BELOW && integer as f64 == double {
        write_integer(integer, out);
    } else {
        write_digits(&shortest(double), out);
    }
}

/// Write text that is a JSON number as the double that it names.
///
/// # Errors
/// As [`chartly_json::number::surviving`]; with [`Precision::Nearest`] only [`NumberError::Overflow`].
#[inline]
pub fn write_number(text: &str, precision: Precision, out: &mut Vec<u8>) -> Result<(), NumberError> {
    match surviving(text) {
        Ok(number) if number.canonical_as_is => out.extend_from_slice(text.as_bytes()),
        Ok(number) => write_double(number.double, out),
        Err(NumberError::PrecisionLoss) if precision == Precision::Nearest => write_double(nearest(text)?, out),
        Err(error) => return Err(error),
    }
    Ok(())
}

fn write_integer(integer: i64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    let mut rest = integer.unsigned_abs();
    loop {
        start -= 1;
        #[allow(clippy::cast_possible_truncation)] // a digit
        let digit = (rest % 10) as u8;
        digits[start] = b'0' + digit;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if integer < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[start..]);
}

/// Write digits in the layout of ECMA-262 §6.1.6.1.20, where `k` is their count and `n` the position of the point.
#[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // k ≤ 17; n's sign is checked
fn write_digits(number: &Shortest, out: &mut Vec<u8>) {
    let (digits, n) = (number.digits(), number.point());
    let k = digits.len() as i32;
    if number.is_negative() {
        out.push(b'-');
    }
    match n {
        _ if k == 0 => out.push(b'0'),
        _ if k <= n && n <= 21 => {
            out.extend_from_slice(digits);
            out.resize(out.len() + (n - k) as usize, b'0');
        }
        1..=21 => {
            let (whole, fraction) = digits.split_at(n as usize);
            out.extend_from_slice(whole);
            out.push(b'.');
            out.extend_from_slice(fraction);
        }
        -5..=0 => {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + n.unsigned_abs() as usize, b'0');
            out.extend_from_slice(digits);
        }
        _ => {
            out.push(digits[0]);
            if k > 1 {
                out.push(b'.');
                out.extend_from_slice(&digits[1..]);
            }
            let exponent = n - 1;
            out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
            write_integer(i64::from(exponent.abs()), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(double: f64) -> String {
        let mut out = Vec::new();
        write_double(double, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Return how many digits of a printed number are neither leading nor trailing zeros.
    fn significant(text: &str) -> usize {
        let mantissa = text.split('e').next().unwrap_or_default();
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        digits.trim_matches('0').len()
    }

    /// Where two shortest decimals are equally near to a double, the even one is written, as ECMAScript does.
    #[test]
    fn ties_are_written_even() {
        for (bits, expected) in
            [(4_829_057_932_369_891_018, "712841432011225.2"), (0x4314_3ff3_c1cb_0959, "1424953923781206.2")]
        {
            assert_eq!(written(f64::from_bits(bits)), expected);
        }
    }

    /// The table of RFC 8785, appendix B, is reproduced.
    #[test]
    fn writes_the_samples_of_the_rfc() {
        let samples: [(u64, &str); 24] = [
            (0x0000_0000_0000_0000, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"),
            (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ];
        for (bits, expected) in samples {
            assert_eq!(written(f64::from_bits(bits)), expected, "{bits:016x}");
        }
    }

    proptest! {
        /// Every finite double reads back as itself, in no more digits than the standard library's shortest.
        ///
        /// The digits themselves may differ: where two shortest decimals are equally near, ECMAScript takes the even one and
        /// the standard library the greater.
        #[test]
        fn round_trips(bits in any::<u64>()) {
            let double = f64::from_bits(bits);
            prop_assume!(double.is_finite());
            let text = written(double);
            prop_assert_eq!(text.parse::<f64>().ok(), Some(double));
            prop_assert!(significant(&text) <= significant(&format!("{double:e}")), "{text}");
        }

        /// Short decimals, the common case, give the same bytes from text as from their double.
        #[test]
        fn text_and_double_agree(whole in 0..100_000_000_u64, fraction in "[0-9]{0,9}", negative: bool) {
            let point = if fraction.is_empty() { "" } else { "." };
            let text = format!("{}{whole}{point}{fraction}", if negative { "-" } else { "" });
            let mut out = Vec::new();
            let result = write_number(&text, Precision::Nearest, &mut out);
            prop_assert_eq!(result, Ok(()));
            let double = text.parse::<f64>().map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(String::from_utf8_lossy(&out), written(double));
        }
    }
}
