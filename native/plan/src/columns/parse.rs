//! Canonical text to a column's value. Canonical bytes were written by us, so their forms are few; `None` stands where a
//! column can't hold the value, which the canonical bytes still do.

use std::borrow::Cow;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;
const DAY_SECONDS: i64 = 86_400;

/// The characters of a canonical string.
pub(crate) fn text(cell: &[u8]) -> Option<Cow<'_, [u8]>> {
    let inner = cell.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if inner.contains(&b'\\') {
        return serde_json::from_slice::<String>(cell).ok().map(|text| Cow::Owned(text.into_bytes()));
    }
    Some(Cow::Borrowed(inner))
}

/// A canonical number as a double.
pub(crate) fn float(cell: &[u8]) -> Option<f64> {
    chartly_json::number::nearest(number_text(cell)?).ok()
}

/// A canonical number as an integer; `None` beyond 64 bits.
pub(crate) fn integer(cell: &[u8]) -> Option<i64> {
    let text = number_text(cell)?;
    if let Ok(integer) = text.parse() {
        return Some(integer);
    }
    let double = float(cell)?;
    #[allow(clippy::cast_possible_truncation)] // within ±2^63, checked
    (double.fract() == 0.0 && double.abs() < 9.2e18).then_some(double as i64)
}

fn number_text(cell: &[u8]) -> Option<&str> {
    cell.first().filter(|byte| **byte == b'-' || byte.is_ascii_digit())?;
    std::str::from_utf8(cell).ok()
}

/// `true` or `false`.
pub(crate) fn boolean(cell: &[u8]) -> Option<bool> {
    match cell {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// An RFC 3339 date-time as microseconds since 1970.
pub(crate) fn timestamp(cell: &[u8]) -> Option<i64> {
    let text = cell.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let mut utc = [0; 32];
    let length = chartly_transform::timestamp::rfc3339_to_utc(text, &mut utc).ok()?;
    let utc = &utc[..length];
    let days = days(utc.get(..10)?)?;
    let clock = number(&utc[11..13])? * 3600 + number(&utc[14..16])? * 60 + number(&utc[17..19])?;
    let mut micros = 0;
    let fraction = utc[19..].strip_prefix(b".").unwrap_or_default();
    for place in 0..6 {
        let digit = fraction.get(place).filter(|byte| byte.is_ascii_digit()).map_or(0, |byte| i64::from(byte - b'0'));
        micros = micros * 10 + digit;
    }
    Some((days * DAY_SECONDS + clock) * 1_000_000 + micros)
}

/// An RFC 3339 full-date as days since 1970.
pub(crate) fn date(cell: &[u8]) -> Option<i32> {
    let text = cell.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    i32::try_from(days(text)?).ok()
}

/// After Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`.
fn days(text: &[u8]) -> Option<i64> {
    if text.len() != 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(&text[..4])?, number(&text[5..7])?, number(&text[8..])?);
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - EPOCH_DAYS)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

/// An exact decimal, written as a string or as a number, scaled to an integer.
pub(crate) fn decimal(cell: &[u8], scale: i8) -> Option<i128> {
    let text = cell.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(cell);
    let (negative, digits) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = match digits.iter().position(|byte| *byte == b'.') {
        Some(point) => (&digits[..point], &digits[point + 1..]),
        None => (digits, &[][..]),
    };
    let scale = usize::try_from(scale).ok()?;
    if fraction.len() > scale || !whole.iter().chain(fraction).all(u8::is_ascii_digit) {
        return None;
    }
    let zeros = std::iter::repeat_n(&b'0', scale - fraction.len());
    let value = whole
        .iter()
        .chain(fraction)
        .chain(zeros)
        .try_fold(0_i128, |value, byte| value.checked_mul(10)?.checked_add(i128::from(byte - b'0')))?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Date-times are counted from 1970, before it too, and digits beyond a microsecond are cut off.
    #[test]
    fn counts_microseconds() {
        let cases: [(&[u8], i64); 5] = [
            (b"\"1970-01-01T00:00:00Z\"", 0),
            (b"\"1969-12-31T23:59:59.9999999Z\"", -1),
            (b"\"2026-02-02T12:00:00.5Z\"", 1_770_033_600_500_000),
            (b"\"0000-01-01T00:00:00Z\"", -62_167_219_200_000_000),
            (b"\"2026-02-02T13:00:00+01:00\"", 1_770_033_600_000_000),
        ];
        for (cell, micros) in cases {
            assert_eq!(timestamp(cell), Some(micros));
        }
    }

    /// Decimals keep their scale.
    #[test]
    fn scales_decimals() {
        assert_eq!(decimal(b"\"19.9\"", 2), Some(1990));
        assert_eq!(decimal(b"\"-0.05\"", 2), Some(-5));
        assert_eq!(decimal(b"\"1.005\"", 2), None);
    }

    /// Dates of leap years fall where the calendar has them.
    #[test]
    fn counts_days() {
        assert_eq!(date(b"\"1970-01-01\""), Some(0));
        assert_eq!(date(b"\"2024-02-29\""), Some(19_782));
        assert_eq!(date(b"\"1969-12-31\""), Some(-1));
    }
}
