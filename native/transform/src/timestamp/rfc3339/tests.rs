//! The fast reader agrees with RFC 3339 and with a slow reader that counts days.

use super::rfc3339_to_utc;
use crate::Failure;
use crate::timestamp::civil::{Instant, days_since_epoch, is_date};

fn utc(text: &str) -> Result<String, Failure> {
    let mut out = [0; 32];
    rfc3339_to_utc(text.as_bytes(), &mut out).map(|length| String::from_utf8_lossy(&out[..length]).into_owned())
}

/// An offset changes the time, and the date with it, across months, years and leap days.
#[test]
fn offsets_are_applied() {
    for (text, expected) in [
        ("2026-02-02T12:00:00Z", "2026-02-02T12:00:00Z"),
        ("2026-02-02t12:00:00z", "2026-02-02T12:00:00Z"),
        ("2026-02-02T12:00:00-00:00", "2026-02-02T12:00:00Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
        ("2024-02-28T23:30:00-01:00", "2024-02-29T00:30:00Z"),
        ("2023-02-28T23:30:00-01:00", "2023-03-01T00:30:00Z"),
        ("2000-03-01T00:00:00+23:59", "2000-02-29T00:01:00Z"),
        ("1900-03-01T00:00:00+23:59", "1900-02-28T00:01:00Z"),
        ("2025-12-31T23:59:59-23:59", "2026-01-01T23:58:59Z"),
        ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
    ] {
        assert_eq!(utc(text).as_deref(), Ok(expected), "{text}");
    }
}

/// A fraction keeps its digits up to the last one that isn't zero.
#[test]
fn fractions_lose_trailing_zeros() {
    for (fraction, expected) in [
        (".5", ".5"),
        (".500", ".5"),
        (".050", ".05"),
        (".0", ""),
        (".000000000", ""),
        (".000000001", ".000000001"),
        (".123456789", ".123456789"),
    ] {
        for offset in ["Z", "+00:00", "-08:00"] {
            let hour = if offset == "-08:00" { "20" } else { "12" };
            let text = format!("2026-02-02T12:00:00{fraction}{offset}");
            assert_eq!(utc(&text), Ok(format!("2026-02-02T{hour}:00:00{expected}Z")), "{text}");
        }
    }
}

/// Everything but exact RFC 3339 text with an existing time is refused.
#[test]
fn other_forms_are_refused() {
    for text in [
        "",
        "2026-02-02",
        "2026-02-02T12:00:00",
        "2026-02-02 12:00:00Z",
        "2026-02-02T12:00Z",
        "2026-02-02T24:00:00Z",
        "2026-02-02T23:59:60Z",
        "2026-02-02T12:60:00Z",
        "2026-02-30T12:00:00Z",
        "2025-02-29T12:00:00Z",
        "1900-02-29T12:00:00Z",
        "2026-00-10T12:00:00Z",
        "2026-13-10T12:00:00Z",
        "2026-01-00T12:00:00Z",
        "2026-01-32T12:00:00Z",
        "2026-02-02T12:00:00.Z",
        "2026-02-02T12:00:00.1234567890Z",
        "2026-02-02T12:00:00,5Z",
        "2026-02-02T12:00:00+24:00",
        "2026-02-02T12:00:00+01:60",
        "2026-02-02T12:00:00+0100",
        "2026-02-02T12:00:00+01",
        "2026-02-02T12:00:00ZZ",
        "2026-02-02T12:00:00Z ",
        " 2026-02-02T12:00:00Z",
        "+2026-02-02T12:00:00Z",
        "2026-02-02T12:00:0:Z",
        "2026-02-02T12:00:/0Z",
        "２０２６-02-02T12:00:00Z",
    ] {
        assert_eq!(utc(text), Err(Failure::NotATimestamp), "{text}");
    }
}

/// A time before year 0 or after year 9999 in UTC is refused, although its local text is in range.
#[test]
fn years_outside_0000_to_9999_are_refused() {
    assert_eq!(utc("0000-01-01T00:00:00+00:01"), Err(Failure::OutOfRange));
    assert_eq!(utc("9999-12-31T23:59:59-00:01"), Err(Failure::OutOfRange));
}

/// Any changed byte at any position gives the same result as from the slow reader.
#[test]
fn every_changed_byte_agrees_with_a_slow_reader() {
    for base in ["2024-02-29T23:59:59Z", "2026-12-31T08:15:30.120+05:45", "2000-01-01T00:00:00-11:30"] {
        for at in 0..base.len() {
            for byte in 0..=255_u8 {
                let mut text = base.as_bytes().to_vec();
                text[at] = byte;
                let mut out = [0; 32];
                let fast = rfc3339_to_utc(&text, &mut out).ok().map(|length| out[..length].to_vec());
                let slow = slow_utc(&text).map(String::into_bytes);
                assert_eq!(fast, slow, "byte {byte} at {at} of {base}");
            }
        }
    }
}

/// Parse RFC 3339 without optimization: split at the separators, count days and seconds, write the instant.
fn slow_utc(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?.to_ascii_uppercase();
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix('T')?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let fields = |text: &str, separator: char, widths: &[usize]| -> Option<Vec<u32>> {
        let parts: Vec<&str> = text.split(separator).collect();
        (parts.len() == widths.len()).then_some(())?;
        parts
            .iter()
            .zip(widths)
            .map(|(part, width)| {
                (part.len() == *width && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse().ok())?
            })
            .collect()
    };
    let date = fields(date, '-', &[4, 2, 2])?;
    let clock = fields(clock, ':', &[2, 2, 2])?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("0", rest),
    };
    (!fraction.is_empty() && fraction.len() <= 9).then_some(())?;
    let east = if zone == "Z" {
        0
    } else {
        let sign = if zone.starts_with('+') { 1 } else { -1 };
        let parts = fields(zone.strip_prefix(['+', '-'])?, ':', &[2, 2])?;
        (parts[0] < 24 && parts[1] < 60).then_some(sign * i64::from(parts[0] * 60 + parts[1]))?
    };
    (is_date(date[0], date[1], date[2]) && clock[0] < 24 && clock[1] < 60 && clock[2] < 60).then_some(())?;
    let seconds = days_since_epoch(date[0], date[1], date[2]) * 86_400
        + i64::from(clock[0] * 3600 + clock[1] * 60 + clock[2])
        - east * 60;
    Instant { seconds, nanoseconds: format!("{fraction:0<9}").parse().ok()? }.to_text()
}
