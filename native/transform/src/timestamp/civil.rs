//! The proleptic Gregorian calendar of years 0000–9999, and the text of an instant.
//!
//! It doesn't know time zones: the caller converts to UTC, or to an offset in minutes.

/// Days of each month of a common year; index 0 is unused.
const MONTH_DAYS: [u8; 13] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Days from 0000-01-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_528;

/// Seconds in a day; a UTC day of this calendar has no leap second.
const DAY_SECONDS: i64 = 86_400;

/// Return whether `year` (0–9999) has a 29 February.
#[must_use]
pub const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Return the number of days of a month, or 0 when `month` isn't 1–12.
#[must_use]
pub const fn month_days(year: u32, month: u32) -> u32 {
    if month > 12 {
        return 0;
    }
    let days = MONTH_DAYS[month as usize] as u32;
    if month == 2 && is_leap(year) { days + 1 } else { days }
}

/// Return whether year (0–9999), month and day are an existing day.
#[must_use]
pub const fn is_date(year: u32, month: u32, day: u32) -> bool {
    year <= 9999 && day != 0 && day <= month_days(year, month)
}

/// Return the number of days from 1970-01-01 to an existing day.
#[must_use]
pub fn days_since_epoch(year: u32, month: u32, day: u32) -> i64 {
    // Years begin in March here, so that the leap day is a year's last day (Howard Hinnant, "chrono-Compatible
    // Low-Level Date Algorithms"). 1200 added years keep every intermediate value positive for year 0.
    let (year, month, day) = (i64::from(year) + 1200, i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era + 60 - 3 * 146_097 - EPOCH_DAYS
}

/// Return year, month and day of a day counted from 1970-01-01; `None` outside the years 0000–9999.
#[must_use]
pub fn date_of_days(days: i64) -> Option<(u32, u32, u32)> {
    if !(-EPOCH_DAYS..=2_932_896).contains(&days) {
        return None;
    }
    let days = days + EPOCH_DAYS - 60 + 3 * 146_097;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2) - 1200;
    Some((u32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?))
}

/// An instant of UTC: whole seconds since 1970 and nanoseconds within the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant {
    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    pub seconds: i64,
    /// 0–999,999,999.
    pub nanoseconds: u32,
}

impl Instant {
    /// Return `YYYY-MM-DDTHH:MM:SS[.fraction]Z`; `None` when the year isn't 0000–9999.
    #[must_use]
    pub fn to_text(self) -> Option<String> {
        let (year, month, day) = date_of_days(self.seconds.div_euclid(DAY_SECONDS))?;
        let second = self.seconds.rem_euclid(DAY_SECONDS);
        let mut text =
            format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        if self.nanoseconds != 0 {
            let fraction = format!(".{:09}", self.nanoseconds);
            text.push_str(fraction.trim_end_matches('0'));
        }
        text.push('Z');
        Some(text)
    }
}

/// Return `YYYY-MM-DD`.
#[must_use]
pub fn date_text(year: u32, month: u32, day: u32) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every day of 0000–9999 has one number, in order, and is converted back from it.
    #[test]
    fn days_are_counted_both_ways() {
        let mut expected = days_since_epoch(0, 1, 1);
        assert_eq!(expected, -EPOCH_DAYS);
        for year in 0..=9999 {
            for month in 1..=12 {
                for day in 1..=month_days(year, month) {
                    assert_eq!(days_since_epoch(year, month, day), expected);
                    assert_eq!(date_of_days(expected), Some((year, month, day)));
                    expected += 1;
                }
            }
        }
        assert_eq!(date_of_days(expected), None);
        assert_eq!(date_of_days(-EPOCH_DAYS - 1), None);
    }

    /// The epoch has number 0, and the second before it is the last of 1969.
    #[test]
    fn instants_before_1970_are_rounded_down() {
        let text = |seconds, nanoseconds| Instant { seconds, nanoseconds }.to_text();
        assert_eq!(text(0, 0).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(text(-1, 500_000_000).as_deref(), Some("1969-12-31T23:59:59.5Z"));
    }
}
