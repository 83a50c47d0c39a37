//! Convert RFC 3339 date-time text to UTC text, on bytes and without allocation. Most timestamp fields have this form.
//!
//! It reads eight digits at a time in one machine word, and copies the input's bytes when the offset is zero. It
//! accepts only RFC 3339 §5.6: no leap second, no space for `T`, no local time.

use super::civil::month_days;
use crate::Failure;

/// The longest result: 19 bytes to the second, a point and 9 digits, and `Z`.
pub const OUTPUT_BYTES_MAX: usize = 30;

/// The longest input: as the output, with `+hh:mm` for `Z`.
const INPUT_BYTES_MAX: usize = 35;

/// The shortest input: 19 bytes to the second and `Z`.
const INPUT_BYTES_MIN: usize = 20;

/// A day in minutes, the unit of an offset.
const DAY_MINUTES: i32 = 1440;

const fn word(text: [u8; 8]) -> u64 {
    u64::from_le_bytes(text)
}

/// The positions of digits in `YYYY-MM-` and in `DDTHH:MM`, as masks of the bytes that must be separators.
const DATE_SHAPE: u64 = word(*b"0000-00-");
const DATE_SEPARATORS: u64 = word([0, 0, 0, 0, 0xFF, 0, 0, 0xFF]);
const TIME_SHAPE: u64 = word(*b"00T00:00");
const TIME_SEPARATORS: u64 = word([0, 0, 0xFF, 0, 0, 0xFF, 0, 0]);
/// The bit of `T` that is its case. It is cleared before the check, since RFC 3339 allows both.
const TIME_CASE: u64 = word([0, 0, 0x20, 0, 0, 0, 0, 0]);

const SIXES: u64 = 0x0606_0606_0606_0606;
const HIGH_NIBBLES: u64 = 0xF0F0_F0F0_F0F0_F0F0;

/// The fields of a date-time, each within its number of digits, not yet checked against the calendar.
struct Fields {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
}

/// Return zero if every byte of `digits` (text XOR shape) is 0–9 at a digit and 0 at a separator.
#[inline]
const fn misfit(digits: u64, separators: u64) -> u64 {
    ((digits | digits.wrapping_add(SIXES)) & HIGH_NIBBLES) | (digits & separators)
}

/// Return in each byte ten times that digit plus the next one.
#[inline]
const fn pairs(digits: u64) -> u64 {
    digits.wrapping_mul(10).wrapping_add(digits >> 8)
}

#[inline]
const fn byte(word: u64, index: usize) -> u32 {
    word.to_le_bytes()[index] as u32
}

#[inline]
fn load(text: &[u8], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&text[at..at + 8]);
    word(bytes)
}

#[inline]
fn digit_pair(text: &[u8], at: usize) -> Option<u32> {
    let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Write RFC 3339 `text` as UTC into `out` and return the number of bytes written.
///
/// The result is `YYYY-MM-DDTHH:MM:SS[.fraction]Z`. The fraction has no trailing zeros, and is left out when zero.
///
/// # Errors
/// [`Failure::NotATimestamp`] when the text has another form or no existing time, and [`Failure::OutOfRange`] when the
/// time in UTC is outside the years 0000–9999.
#[inline]
pub fn rfc3339_to_utc(text: &[u8], out: &mut [u8; 32]) -> Result<usize, Failure> {
    if text.len() < INPUT_BYTES_MIN || text.len() > INPUT_BYTES_MAX {
        return Err(Failure::NotATimestamp);
    }
    let date = load(text, 0) ^ DATE_SHAPE;
    let time = (load(text, 8) ^ TIME_SHAPE) & !TIME_CASE;
    let (tens, ones) = (text[17].wrapping_sub(b'0'), text[18].wrapping_sub(b'0'));
    if misfit(date, DATE_SEPARATORS) | misfit(time, TIME_SEPARATORS) != 0 || text[16] != b':' || tens > 5 || ones > 9 {
        return Err(Failure::NotATimestamp);
    }
    let (date, time) = (pairs(date), pairs(time));
    let fields = Fields {
        year: byte(date, 0) * 100 + byte(date, 2),
        month: byte(date, 5),
        day: byte(time, 0),
        hour: byte(time, 3),
        minute: byte(time, 6),
    };
    if fields.day.wrapping_sub(1) >= month_days(fields.year, fields.month) || fields.hour > 23 || fields.minute > 59 {
        return Err(Failure::NotATimestamp);
    }
    out[..16].copy_from_slice(&text[..16]);
    out[10] = b'T';
    out[16] = b':';
    out[17] = text[17];
    out[18] = text[18];
    if text.len() == INPUT_BYTES_MIN {
        out[19] = b'Z';
        return if text[19] | 0x20 == b'z' { Ok(20) } else { Err(Failure::NotATimestamp) };
    }
    let (read, mut written) = fraction(text, out)?;
    let offset_minutes = offset(&text[read..])?;
    if offset_minutes != 0 {
        shift(&fields, offset_minutes, out)?;
    }
    out[written] = b'Z';
    written += 1;
    Ok(written)
}

/// Copy the fraction that may start at byte 19, without its trailing zeros. Return where it ends in `text` and in
/// `out`.
#[inline]
fn fraction(text: &[u8], out: &mut [u8; 32]) -> Result<(usize, usize), Failure> {
    const POINT: usize = 19;
    const DIGITS_MAX: usize = 9;
    if text[POINT] != b'.' {
        return Ok((POINT, POINT));
    }
    let digits = text[POINT + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || digits > DIGITS_MAX {
        return Err(Failure::NotATimestamp);
    }
    let end = POINT + 1 + digits;
    let zeros = text[POINT + 1..end].iter().rev().take_while(|byte| **byte == b'0').count();
    let kept = end - zeros;
    out[POINT..kept].copy_from_slice(&text[POINT..kept]);
    Ok((end, if zeros == digits { POINT } else { kept }))
}

/// Parse `Z`, `z`, or `±hh:mm` as minutes east of UTC.
#[inline]
fn offset(text: &[u8]) -> Result<i32, Failure> {
    match *text {
        [b'Z' | b'z'] => Ok(0),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let hours = digit_pair(text, 1).filter(|hours| *hours < 24);
            let minutes = digit_pair(text, 4).filter(|minutes| *minutes < 60);
            let (Some(hours), Some(minutes)) = (hours, minutes) else { return Err(Failure::NotATimestamp) };
            let east = (hours * 60 + minutes).cast_signed();
            Ok(if sign == b'-' { -east } else { east })
        }
        _ => Err(Failure::NotATimestamp),
    }
}

/// Rewrite date, hour and minute in `out` for a local time that is `east_minutes` ahead of UTC.
fn shift(local: &Fields, east_minutes: i32, out: &mut [u8; 32]) -> Result<(), Failure> {
    let minutes = (local.hour * 60 + local.minute).cast_signed() - east_minutes;
    let minute_of_day = minutes.rem_euclid(DAY_MINUTES).cast_unsigned();
    put_pair(out, 11, minute_of_day / 60);
    put_pair(out, 14, minute_of_day % 60);
    if minutes < 0 {
        let (year, month, day) = day_before(local).ok_or(Failure::OutOfRange)?;
        put_date(out, year, month, day);
    } else if minutes >= DAY_MINUTES {
        let (year, month, day) = day_after(local).ok_or(Failure::OutOfRange)?;
        put_date(out, year, month, day);
    }
    Ok(())
}

fn day_before(date: &Fields) -> Option<(u32, u32, u32)> {
    let (year, month, day) = (date.year, date.month, date.day);
    if day > 1 {
        return Some((year, month, day - 1));
    }
    if month > 1 {
        return Some((year, month - 1, month_days(year, month - 1)));
    }
    (year > 0).then(|| (year - 1, 12, 31))
}

fn day_after(date: &Fields) -> Option<(u32, u32, u32)> {
    let (year, month, day) = (date.year, date.month, date.day);
    if day < month_days(year, month) {
        return Some((year, month, day + 1));
    }
    if month < 12 {
        return Some((year, month + 1, 1));
    }
    (year < 9999).then_some((year + 1, 1, 1))
}

fn put_date(out: &mut [u8; 32], year: u32, month: u32, day: u32) {
    put_pair(out, 0, year / 100);
    put_pair(out, 2, year % 100);
    put_pair(out, 5, month);
    put_pair(out, 8, day);
}

#[inline]
fn put_pair(out: &mut [u8; 32], at: usize, value: u32) {
    const DIGITS: &[u8; 10] = b"0123456789";
    out[at] = DIGITS[(value / 10) as usize];
    out[at + 1] = DIGITS[(value % 10) as usize];
}

#[cfg(test)]
mod tests;
