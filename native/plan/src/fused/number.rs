//! Write decimal text as canonical text, without a double where none is needed. Everything but the simple forms is left
//! to `chartly_json::number`.

use chartly_json::number::{Surviving, grammar::is_json_number, surviving};

/// A number that a double holds, and the length of its canonical text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Written {
    pub(crate) double: f64,
    pub(crate) is_integer: bool,
    pub(crate) bytes: usize,
}

/// The most bytes of a canonical number: sign, 17 digits, point, and the zeros of a small number or an exponent are
/// less than 32.
pub(crate) const BYTES_MAX: usize = 32;

/// The powers of ten that are the denominator of a short text.
const POWERS: [f64; 8] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];

const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Write the canonical text of a JSON number to `out`; `None` when it is no number or a double can't hold it.
///
/// # Safety
/// `text` is readable for 8 bytes and for `length`; `out` is writable for [`BYTES_MAX`].
#[inline(always)]
pub(crate) unsafe fn write(text: *const u8, length: usize, out: *mut u8) -> Option<Written> {
    if length.wrapping_sub(1) < 8 {
        // SAFETY: 8 bytes are readable and writable.
        if let Some(written) = unsafe { write_short(text, length, out) } {
            return Some(written);
        }
    }
    // SAFETY: `length` bytes are readable.
    let bytes = unsafe { std::slice::from_raw_parts(text, length) };
    let number = surviving_number(bytes)?;
    let is_integer = number.double.fract() == 0.0;
    if number.canonical_as_is {
        // SAFETY: text that is already canonical has at most 19 digits, a sign and a point.
        unsafe { out.copy_from_nonoverlapping(text, length.min(BYTES_MAX)) };
        return Some(Written { double: number.double, is_integer, bytes: length });
    }
    let mut scratch = Vec::with_capacity(BYTES_MAX);
    chartly_canonical::write_double(number.double, &mut scratch);
    // SAFETY: a canonical number has at most `BYTES_MAX` bytes.
    unsafe { out.copy_from_nonoverlapping(scratch.as_ptr(), scratch.len().min(BYTES_MAX)) };
    Some(Written { double: number.double, is_integer, bytes: scratch.len() })
}

/// Write one to eight bytes of digits with at most one point among them. A double holds such a number, since it has at
/// most 15 digits (see `chartly_json::number::surviving`). It is canonical once the zeros at the end of its fraction
/// are removed.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // at most eight
unsafe fn write_short(text: *const u8, length: usize, out: *mut u8) -> Option<Written> {
    // SAFETY: the caller guarantees 8 readable bytes.
    let raw = u64::from_le(unsafe { text.cast::<u64>().read_unaligned() });
    // The text at the word's end, after zero digits.
    let unused_bits = 64 - 8 * length as u32;
    let aligned = (raw << unused_bits) | (each(b'0') & !(u64::MAX << unused_bits));
    let digits = aligned ^ each(b'0');
    // A byte above 9 has a bit in its high half, or gets one by adding 6.
    let others = (digits | digits.wrapping_add(each(6))) & each(0xf0);
    let (magnitude_bytes, fraction_digits) = if others == 0 {
        (digits, 0)
    } else {
        let point = others.trailing_zeros() / 8;
        // The digits before the point move up to close the gap. A second byte that is no digit, or one that is no
        // point, is left to the general form.
        let is_point = aligned >> (8 * point) & 0xff == u64::from(b'.');
        let rest = others & !(0xff << (8 * point));
        if !is_point || rest != 0 {
            return None;
        }
        let before = digits & ((1 << (8 * point)) - 1);
        let after = digits & (u64::MAX << (8 * point) << 8);
        (before << 8 | after, 7 - point)
    };
    let whole_digits = length as u32 - fraction_digits - u32::from(others != 0);
    let starts_with_zero = raw & 0xff == u64::from(b'0');
    if whole_digits == 0 || (starts_with_zero && whole_digits > 1) || (others != 0 && fraction_digits == 0) {
        return None;
    }
    let zeros = (magnitude_bytes.leading_zeros() / 8).min(fraction_digits);
    let kept = fraction_digits - zeros;
    let bytes = (whole_digits + kept + u32::from(kept != 0)) as usize;
    // SAFETY: the caller guarantees 8 writable bytes.
    unsafe { out.cast::<u64>().write_unaligned(raw.to_le()) };
    #[allow(clippy::cast_precision_loss)] // eight digits
    let double = eight_digits(magnitude_bytes) as f64 / POWERS[fraction_digits as usize];
    Some(Written { double, is_integer: kept == 0, bytes })
}

/// Return the value of eight digits, the first in the lowest byte.
#[inline(always)]
const fn eight_digits(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

/// Return the value of text that is a JSON number and that a double holds.
#[inline]
fn surviving_number(text: &[u8]) -> Option<Surviving> {
    let text = str::from_utf8(text).ok().filter(|text| is_json_number(text))?;
    surviving(text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn quick(text: &str) -> Option<(String, f64, bool)> {
        let mut padded = text.as_bytes().to_vec();
        padded.resize(text.len() + 64, b'7');
        let mut out = [0; 64];
        let written = unsafe { write(padded.as_ptr(), text.len(), out.as_mut_ptr()) }?;
        let text = String::from_utf8_lossy(&out[..written.bytes]).into_owned();
        Some((text, written.double, written.is_integer))
    }

    fn slow(text: &str) -> Option<(String, f64, bool)> {
        let mut out = Vec::new();
        let number = surviving_number(text.as_bytes())?;
        chartly_canonical::write_double(number.double, &mut out);
        Some((String::from_utf8_lossy(&out).into_owned(), number.double, number.double.fract() == 0.0))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// Short texts get the same bytes, value and verdict as by a double.
        #[test]
        fn agrees_with_the_double(text in "-?[0-9]{0,6}\\.?[0-9]{0,5}([eE][+-]?[0-9]{1,2})?") {
            prop_assert_eq!(quick(&text), slow(&text));
        }

        /// The same holds for texts that are mostly no numbers.
        #[test]
        fn agrees_on_what_is_no_number(text in "[-+.0-9eE /:]{0,9}") {
            prop_assert_eq!(quick(&text), slow(&text));
        }
    }

    /// Zeros at the end of a fraction are removed, and a zero of any length becomes one digit.
    #[test]
    fn drops_zeros() {
        for (text, canonical) in
            [("19.90", "19.9"), ("100.00", "100"), ("0.00", "0"), ("0.50", "0.5"), ("1000", "1000")]
        {
            assert_eq!(quick(text).map(|written| written.0).as_deref(), Some(canonical));
        }
    }
}
