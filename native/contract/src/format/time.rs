//! `date`, `time` and `date-time` (RFC 3339 §5.6).

/// Return whether the text is a `full-date` that exists in the calendar.
pub(super) fn is_date(text: &str) -> bool {
    date(text.as_bytes()).is_some_and(<[u8]>::is_empty)
}

/// Return whether the text is a `full-time` with its offset.
pub(super) fn is_time(text: &str) -> bool {
    time(text.as_bytes()).is_some_and(<[u8]>::is_empty)
}

/// Return whether the text is a `date-time`.
pub(super) fn is_date_time(text: &str) -> bool {
    match date(text.as_bytes()) {
        Some([b'T' | b't', after @ ..]) => time(after).is_some_and(<[u8]>::is_empty),
        _ => false,
    }
}

/// Return whether the text is no `full-date` of the year 0000.
pub(super) fn is_column_date(text: &str) -> bool {
    !text.starts_with("0000") || !is_date(text)
}

/// Return whether the text is no `date-time` that is outside of the years 0001 to 9999 in UTC. A leap second counts as
/// the second after it.
pub(super) fn is_column_instant(text: &str) -> bool {
    // An offset is shorter than a day, so only the years at the edges can be left.
    !["0000", "0001", "9999"].iter().any(|year| text.starts_with(year))
        || !is_date_time(text)
        || is_instant_at_edge(text).unwrap_or(true)
}

/// Return whether a `date-time` of the years 0000, 0001 or 9999 is in the years 0001 to 9999 in UTC.
fn is_instant_at_edge(text: &str) -> Option<bool> {
    let (day, clock) = text.split_at_checked(10)?;
    let clock = clock.get(1..)?.as_bytes();
    let (hour, rest) = two_digits(clock)?;
    let (minute, rest) = two_digits(byte(rest, b':')?)?;
    let (second, rest) = two_digits(byte(rest, b':')?)?;
    let offset_at = rest.iter().position(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-'))?;
    let (offset_minutes, _) = offset(&rest[offset_at..])?;
    let minutes = i64::from(hour) * 60 + i64::from(minute) + i64::from(second == 60) - offset_minutes;
    Some(match (day, minutes.div_euclid(24 * 60)) {
        ("0000-12-31", 1) => true,
        ("0001-01-01", -1) | ("9999-12-31", 1) => false,
        _ => !day.starts_with("0000"),
    })
}

/// Parse a date at the start and return the rest.
fn date(bytes: &[u8]) -> Option<&[u8]> {
    let (century, rest) = two_digits(bytes)?;
    let (year_of_century, rest) = two_digits(rest)?;
    let (month, rest) = two_digits(byte(rest, b'-')?)?;
    let (day, rest) = two_digits(byte(rest, b'-')?)?;
    (day >= 1 && day <= days_in(century * 100 + year_of_century, month)).then_some(rest)
}

fn days_in(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Parse a time with its offset at the start and return the rest.
fn time(bytes: &[u8]) -> Option<&[u8]> {
    let (hour, rest) = two_digits(bytes)?;
    let (minute, rest) = two_digits(byte(rest, b':')?)?;
    let (second, mut rest) = two_digits(byte(rest, b':')?)?;
    if let Some(fraction) = byte(rest, b'.') {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        rest = (digits > 0).then(|| &fraction[digits..])?;
    }
    let (offset_minutes, rest) = offset(rest)?;
    let minutes = i64::from(hour) * 60 + i64::from(minute) - offset_minutes;
    let is_last_minute = minutes.rem_euclid(24 * 60) == 24 * 60 - 1;
    let is_valid = hour < 24 && minute < 60 && (second < 60 || (second == 60 && is_last_minute));
    is_valid.then_some(rest)
}

/// Parse `Z` or `±hh:mm` and return it in minutes east of UTC, with the rest.
fn offset(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (sign, rest) = match bytes {
        [b'Z' | b'z', rest @ ..] => return Some((0, rest)),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = two_digits(rest)?;
    let (minutes, rest) = two_digits(byte(rest, b':')?)?;
    (hours < 24 && minutes < 60).then(|| (sign * i64::from(hours * 60 + minutes), rest))
}

fn two_digits(bytes: &[u8]) -> Option<(u32, &[u8])> {
    match bytes {
        [tens @ b'0'..=b'9', units @ b'0'..=b'9', rest @ ..] => {
            Some((u32::from(tens - b'0') * 10 + u32::from(units - b'0'), rest))
        }
        _ => None,
    }
}

fn byte(bytes: &[u8], wanted: u8) -> Option<&[u8]> {
    bytes.split_first().filter(|(first, _)| **first == wanted).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dates exist in the proleptic Gregorian calendar, from year 0.
    #[test]
    fn dates_exist() {
        assert!(is_date("2024-02-29") && is_date("2000-02-29") && is_date("0000-01-01"));
        assert!(!is_date("2023-02-29") && !is_date("1900-02-29") && !is_date("2024-04-31") && !is_date("2024-1-01"));
    }

    /// A leap second is valid only before midnight UTC.
    #[test]
    fn leap_seconds_are_before_midnight() {
        assert!(is_time("23:59:60Z") && is_time("00:29:60+00:30") && is_time("15:59:60-08:00"));
        assert!(!is_time("22:59:60Z") && !is_time("23:59:60+00:01") && !is_time("23:59:61Z"));
    }

    /// A column's instant is in the years 0001 to 9999 after its offset is applied; other texts are no matter of the range.
    #[test]
    fn columns_have_years() {
        for text in [
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00-00:01",
            "0001-01-01T01:00:00+01:00",
            "0001-01-02T00:00:00+23:59",
            "0000-12-31T23:30:00-00:30",
            "0000-12-31T00:01:00-23:59",
            "9999-12-31T23:59:59.9999999Z",
            "9999-12-31T23:59:59.999999999Z",
            "9999-12-31T23:59:59+00:01",
            "9999-12-30T23:59:59-23:59",
            "9999-06-30T23:59:60Z",
            "2026-01-02T03:04:05Z",
            "0000-13-01T00:00:00Z",
            "0000",
            "0000-01-01é",
        ] {
            assert!(is_column_instant(text), "{text}");
        }
        for text in [
            "0001-01-01T00:00:00+01:00",
            "0001-01-01T00:00:00+00:01",
            "0000-12-31T23:59:59Z",
            "0000-12-31T23:29:59-00:30",
            "0000-12-30T23:59:59-23:59",
            "0000-02-29T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "9999-12-31T23:59:00-00:01",
            "9999-12-31t23:59:60z",
        ] {
            assert!(!is_column_instant(text), "{text}");
        }
        assert!(is_column_date("0001-01-01") && is_column_date("9999-12-31") && is_column_date("0000-02-30"));
        assert!(!is_column_date("0000-02-29") && !is_column_date("0000-12-31"));
    }

    /// A date-time has an offset, and a `T` between its parts.
    #[test]
    fn date_times_are_complete() {
        assert!(is_date_time("2026-01-02t03:04:05.678z") && is_date_time("2026-01-02T03:04:05-23:59"));
        for text in ["2026-01-02 03:04:05Z", "2026-01-02T03:04:05", "2026-01-02T24:00:00Z", "2026-01-02T03:04:05.Z", ""]
        {
            assert!(!is_date_time(text), "{text}");
        }
    }
}
