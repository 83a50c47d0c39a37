//! The shortest digits of a double: those of ECMAScript's `Number::toString`, and so of RFC 8785, before their layout.

use super::exact::Exact;

/// The most digits that a double needs.
const DIGITS_MAX: usize = 17;

/// A double as `±0.d₁d₂…dₖ × 10^point`, with the fewest digits that read back as it, and the nearest to it among those.
#[derive(Debug, Clone, Copy)]
pub struct Shortest {
    negative: bool,
    digits: [u8; DIGITS_MAX],
    count: usize,
    point: i32,
}

impl Shortest {
    /// Return whether the double is below zero, which `-0` isn't.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Return the digits as ASCII, without zeros at either end; empty for zero.
    #[must_use]
    pub fn digits(&self) -> &[u8] {
        &self.digits[..self.count]
    }

    /// Return the position of the decimal point, counted from the first digit.
    #[must_use]
    pub fn point(&self) -> i32 {
        self.point
    }

    /// Return the decimal value of these digits, to compare with a text's value.
    #[must_use]
    pub fn exact(&self) -> Exact<'_> {
        Exact::from_parts(self.negative, &[], self.digits(), i64::from(self.point))
    }
}

/// Find the shortest digits of a finite double.
#[must_use]
pub fn shortest(double: f64) -> Shortest {
    debug_assert!(double.is_finite());
    let mut found = Shortest { negative: double < 0.0, digits: [0; DIGITS_MAX], count: 0, point: 0 };
    if double == 0.0 {
        return found;
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(double.abs()).as_bytes();
    // zmij writes digits as `123.45`, `0.00123` or `1.2345e-7`; the layout is removed here.
    let (mut point_seen, mut zeros_pending, mut exponent) = (false, 0_usize, 0_i32);
    for (position, &byte) in text.iter().enumerate() {
        match byte {
            b'.' => point_seen = true,
            b'e' => {
                exponent = read_exponent(&text[position + 1..]);
                break;
            }
            b'0' if found.count == 0 => found.point -= i32::from(point_seen),
            digit => {
                found.point += i32::from(!point_seen);
                if digit == b'0' {
                    zeros_pending += 1;
                } else {
                    for zero in &mut found.digits[found.count..found.count + zeros_pending] {
                        *zero = b'0';
                    }
                    found.count += zeros_pending;
                    zeros_pending = 0;
                    found.digits[found.count] = digit;
                    found.count += 1;
                }
            }
        }
    }
    found.point += exponent;
    found
}

fn read_exponent(text: &[u8]) -> i32 {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let magnitude = digits.iter().fold(0, |value, digit| value * 10 + i32::from(digit - b'0'));
    if negative { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digits and the position of the point are those of the decimal that RFC 8785 writes for the double.
    #[test]
    fn gives_digits_and_point() {
        let cases: [(f64, &str, i32); 9] = [
            (1.0, "1", 1),
            (-100.0, "1", 3),
            (0.001, "1", -2),
            (123.456, "123456", 3),
            (1e21, "1", 22),
            (5e-324, "5", -323),
            (1.797_693_134_862_315_7e308, "17976931348623157", 309),
            (100.5, "1005", 3),
            (0.0, "", 0),
        ];
        for (double, digits, point) in cases {
            let found = shortest(double);
            assert_eq!((std::str::from_utf8(found.digits()), found.point()), (Ok(digits), point), "{double}");
        }
    }
}
