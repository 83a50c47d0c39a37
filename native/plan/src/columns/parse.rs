//! Convert canonical text to a column's value. Canonical text has few forms, as this crate wrote it. `None` means that
//! the column can't hold the value; the canonical bytes still do.

use std::borrow::Cow;

use chartly_transform::timestamp::civil;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;
const DAY_SECONDS: i64 = 86_400;

/// Return the characters of a canonical string.
pub(crate) fn text(cell: &[u8]) -> Option<Cow<'_, [u8]>> {
    let inner = cell.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if has_escape(inner) {
        return serde_json::from_slice::<String>(cell).ok().map(|text| Cow::Owned(text.into_bytes()));
    }
    Some(Cow::Borrowed(inner))
}

/// Return whether there is a backslash. It looks at eight bytes at a time: most texts are too short for a general
/// search to be fast.
#[inline]
fn has_escape(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<8>() else { return text.contains(&b'\\') };
    text.as_chunks::<8>().0.iter().chain([last]).any(|word| {
        // After Mycroft: subtracting one from each byte borrows in a zero byte.
        let others = u64::from_le_bytes(*word) ^ (u64::MAX / 0xFF * 0x5C);
        others.wrapping_sub(u64::MAX / 0xFF) & !others & (u64::MAX / 0xFF * 0x80) != 0
    })
}

/// Return a canonical number as a double.
pub(crate) fn float(cell: &[u8]) -> Option<f64> {
    let is_number = cell.first().is_some_and(|byte| *byte == b'-' || byte.is_ascii_digit());
    if is_number && let Some(double) = chartly_json::number::nearest_to_short(cell) {
        return Some(double);
    }
    chartly_json::number::nearest(number_text(cell)?).ok()
}

/// Return a canonical number as an integer. Integer columns are bounded by 64 bits. RFC 8785 writes all digits of
/// numbers below 10^21.
pub(crate) fn integer(cell: &[u8]) -> Option<i64> {
    number_text(cell)?.parse().ok()
}

fn number_text(cell: &[u8]) -> Option<&str> {
    cell.first().filter(|byte| **byte == b'-' || byte.is_ascii_digit())?;
    std::str::from_utf8(cell).ok()
}

/// Return `true` or `false`.
pub(crate) fn boolean(cell: &[u8]) -> Option<bool> {
    match cell {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

/// Return an RFC 3339 date-time as microseconds since 1970. A leap second counts as the second after it, as in POSIX.
pub(crate) fn timestamp(cell: &[u8]) -> Option<i64> {
    let text = cell.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let (head, rest) = text.split_first_chunk()?;
    let seconds = seconds(head)?;
    // Most canonical times are whole seconds.
    if rest == b"Z" {
        return Some(seconds * MICROS);
    }
    let (mut micros, mut offset) = (0, rest);
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (micros, offset) = (number(&fraction[..digits.min(6)])? * POWERS[digits.min(6)], &fraction[digits..]);
    }
    Some((seconds - offset_seconds(offset)?) * MICROS + micros)
}

const MICROS: i64 = 1_000_000;
/// The factor from a fraction of so many digits to microseconds.
const POWERS: [i64; 7] = [1_000_000, 100_000, 10_000, 1000, 100, 10, 1];

/// Return the seconds since 1970 of `YYYY-MM-DDTHH:MM:SS`.
#[inline]
fn seconds(text: &[u8; 19]) -> Option<i64> {
    const SHAPE: [u8; 19] = *b"0000-00-00T00:00:00";
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        b'T' => byte | 0x20 == b't',
        _ => byte == shape,
    };
    if !text.iter().zip(&SHAPE).fold(true, |all, pair| all & fits(pair)) {
        return None;
    }
    let pair = |at: usize| u32::from(text[at] - b'0') * 10 + u32::from(text[at + 1] - b'0');
    let (year, month, day) = (pair(0) * 100 + pair(2), pair(5), pair(8));
    let (hour, minute, second) = (pair(11), pair(14), pair(17));
    let exists = civil::is_date(year, month, day) && hour < 24 && minute < 60 && second <= 60;
    let clock = i64::from(hour * 3600 + minute * 60 + second);
    exists.then(|| civil::days_since_epoch(year, month, day) * DAY_SECONDS + clock)
}

/// Return `Z` or `±HH:MM` in seconds east of UTC.
fn offset_seconds(text: &[u8]) -> Option<i64> {
    let (sign, clock) = match text {
        [b'Z' | b'z'] => return Some(0),
        [b'+', clock @ ..] => (1, clock),
        [b'-', clock @ ..] => (-1, clock),
        _ => return None,
    };
    let [hour_tens, hours, b':', minute_tens, minutes] = clock else { return None };
    Some(sign * (number(&[*hour_tens, *hours])? * 3600 + number(&[*minute_tens, *minutes])? * 60))
}

/// Return an RFC 3339 full-date as days since 1970.
pub(crate) fn date(cell: &[u8]) -> Option<i32> {
    let text = cell.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    i32::try_from(days(text)?).ok()
}

/// Return the days since 1970 of `YYYY-MM-DD`. Source: Hinnant, "chrono-compatible low-level date algorithms",
/// `days_from_civil`.
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

/// Return an exact decimal, written as a string or as a number, scaled to an integer.
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

    /// Date-times are counted from 1970, earlier ones too, and digits beyond a microsecond are cut off.
    #[test]
    fn counts_microseconds() {
        let cases: [(&[u8], i64); 12] = [
            (b"\"2024-02-29T23:59:59Z\"", 1_709_251_199_000_000),
            (b"\"0000-01-01T00:00:00.0Z\"", -62_167_219_200_000_000),
            (b"\"1970-01-01T00:00:00Z\"", 0),
            (b"\"1969-12-31T23:59:59.9999999Z\"", -1),
            (b"\"2026-02-02T12:00:00.5Z\"", 1_770_033_600_500_000),
            (b"\"0000-01-01T00:00:00Z\"", -62_167_219_200_000_000),
            (b"\"2026-02-02T13:00:00+01:00\"", 1_770_033_600_000_000),
            (b"\"2026-02-02t10:30:00.000001-01:30\"", 1_770_033_600_000_001),
            (b"\"2026-02-02T12:00:00.123456789012z\"", 1_770_033_600_123_456),
            (b"\"1998-12-31T23:59:60Z\"", 915_148_800_000_000),
            (b"\"0000-01-01T00:30:00+01:00\"", -62_167_221_000_000_000),
            (b"\"9999-12-31T23:30:00-01:00\"", 253_402_302_600_000_000),
        ];
        for (cell, micros) in cases {
            assert_eq!(timestamp(cell), Some(micros));
        }
    }

    /// A text that is no valid date-time has no value.
    #[test]
    fn an_invalid_time_has_no_value() {
        for text in [
            "2023-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-01-01T24:00:00Z",
            "2023-01-01T00:60:00Z",
            "2023-01-01",
        ] {
            assert_eq!(timestamp(format!("\"{text}\"").as_bytes()), None, "{text}");
        }
    }

    /// A backslash is found at every position, and no other byte is taken for one.
    #[test]
    fn finds_escapes() {
        for length in 0..40 {
            let mut text = vec![b'\\' + 1; length];
            assert!(!has_escape(&text) && !has_escape(&vec![b'\\' ^ 0x80; length]));
            for at in 0..length {
                text[at] = b'\\';
                assert!(has_escape(&text));
                text[at] = b'\\' - 1;
            }
        }
    }

    /// Numbers of few digits and of many become the nearest double.
    #[test]
    fn reads_doubles() {
        for text in ["0", "-1.5", "29.21", "1e300", "0.1", "123456789012345.6", "9007199254740991", "5e-324"] {
            assert_eq!(float(text.as_bytes()), text.parse().ok(), "{text}");
        }
        assert_eq!((float(b"true"), float(b"\"1\"")), (None, None));
    }

    /// Decimals keep their scale.
    #[test]
    fn scales_decimals() {
        assert_eq!(decimal(b"\"19.9\"", 2), Some(1990));
        assert_eq!(decimal(b"\"-0.05\"", 2), Some(-5));
        assert_eq!(decimal(b"\"1.005\"", 2), None);
    }

    /// Days are counted right over leap years.
    #[test]
    fn counts_days() {
        assert_eq!(date(b"\"1970-01-01\""), Some(0));
        assert_eq!(date(b"\"2024-02-29\""), Some(19_782));
        assert_eq!(date(b"\"1969-12-31\""), Some(-1));
    }
}
