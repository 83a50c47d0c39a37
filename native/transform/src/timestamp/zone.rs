//! Convert local time to UTC by an IANA zone, with a rule for local times that the zone skips or has twice.
//!
//! The zone rules are built into the library and don't depend on the machine, so results are the same everywhere.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::civil::Instant;
use crate::Failure;

/// What to do with a local time that doesn't exist, or exists twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Refuse the value.
    Reject,
    /// Take the earlier of the two possible instants.
    Earlier,
    /// Take the later one.
    Later,
}

/// A zone and its rules.
#[derive(Debug, Clone)]
pub struct Zone {
    rules: TimeZone,
    gap: Choice,
    fold: Choice,
}

/// A date and a time of day of a local clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// 0–9999.
    pub year: u32,
    /// 1–12.
    pub month: u32,
    /// 1 to the month's last day.
    pub day: u32,
    /// 0–23.
    pub hour: u32,
    /// 0–59.
    pub minute: u32,
    /// 0–59.
    pub second: u32,
    /// 0–999,999,999.
    pub nanosecond: u32,
}

impl Zone {
    /// Return a built-in IANA zone by its name.
    #[must_use]
    pub fn find(name: &str, gap: Choice, fold: Choice) -> Option<Self> {
        let rules = TimeZoneDatabase::bundled().get(name).ok()?;
        Some(Self { rules, gap, fold })
    }

    /// Return the instant of a local time in the zone.
    ///
    /// # Errors
    /// [`Failure::LocalTimeSkipped`] and [`Failure::LocalTimeRepeated`] where the rule is to refuse.
    pub fn instant(&self, local: Local) -> Result<Instant, Failure> {
        let ambiguous = self.rules.to_ambiguous_timestamp(local.civil().ok_or(Failure::OutOfRange)?);
        let (choice, refusal) = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => (Choice::Earlier, Failure::OutOfRange),
            AmbiguousOffset::Gap { .. } => (self.gap, Failure::LocalTimeSkipped),
            AmbiguousOffset::Fold { .. } => (self.fold, Failure::LocalTimeRepeated),
        };
        let timestamp = match choice {
            Choice::Reject => return Err(refusal),
            Choice::Earlier => ambiguous.earlier(),
            Choice::Later => ambiguous.later(),
        }
        .map_err(|_| Failure::OutOfRange)?;
        // The local time was passed without its fraction, so the timestamp is a whole second.
        Ok(Instant { seconds: timestamp.as_second(), nanoseconds: local.nanosecond })
    }

    /// Return the local time in the zone at `instant`; `None` outside the range of the zone rules.
    #[must_use]
    pub fn local(&self, instant: Instant) -> Option<Local> {
        let timestamp = jiff::Timestamp::new(instant.seconds, 0).ok()?;
        let shown = self.rules.to_datetime(timestamp);
        let part = |value: i8| u32::try_from(value).ok();
        Some(Local {
            year: u32::try_from(shown.year()).ok()?,
            month: part(shown.month())?,
            day: part(shown.day())?,
            hour: part(shown.hour())?,
            minute: part(shown.minute())?,
            second: part(shown.second())?,
            nanosecond: instant.nanoseconds,
        })
    }
}

impl Local {
    fn civil(self) -> Option<DateTime> {
        let part = |value: u32| i8::try_from(value).ok();
        DateTime::new(
            i16::try_from(self.year).ok()?,
            part(self.month)?,
            part(self.day)?,
            part(self.hour)?,
            part(self.minute)?,
            part(self.second)?,
            0,
        )
        .ok()
    }

    /// Return the instant of this local time on clocks that are `east_minutes` ahead of UTC.
    #[must_use]
    pub fn at_offset(self, east_minutes: i32) -> Instant {
        let days = super::civil::days_since_epoch(self.year, self.month, self.day);
        let second_of_day = i64::from(self.hour * 3600 + self.minute * 60 + self.second);
        Instant { seconds: days * 86_400 + second_of_day - i64::from(east_minutes) * 60, nanoseconds: self.nanosecond }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIGHT: Local = Local { year: 2026, month: 3, day: 29, hour: 2, minute: 30, second: 0, nanosecond: 0 };

    fn berlin(choice: Choice, local: Local) -> Result<Option<String>, Failure> {
        let zone = Zone::find("Europe/Berlin", choice, choice).expect("a zone");
        zone.instant(local).map(Instant::to_text)
    }

    /// Half past two doesn't exist on the last Sunday of March: it is 01:30 by the offset after, or 03:30 by the offset
    /// before.
    #[test]
    fn a_gap_follows_the_rule() {
        assert_eq!(berlin(Choice::Reject, NIGHT), Err(Failure::LocalTimeSkipped));
        assert_eq!(berlin(Choice::Earlier, NIGHT), Ok(Some("2026-03-29T00:30:00Z".into())));
        assert_eq!(berlin(Choice::Later, NIGHT), Ok(Some("2026-03-29T01:30:00Z".into())));
    }

    /// Half past two exists twice on the last Sunday of October.
    #[test]
    fn a_fold_follows_the_rule() {
        let local = Local { month: 10, day: 25, ..NIGHT };
        assert_eq!(berlin(Choice::Reject, local), Err(Failure::LocalTimeRepeated));
        assert_eq!(berlin(Choice::Earlier, local), Ok(Some("2026-10-25T00:30:00Z".into())));
        assert_eq!(berlin(Choice::Later, local), Ok(Some("2026-10-25T01:30:00Z".into())));
    }
}
