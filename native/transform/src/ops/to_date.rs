//! `toDate`: a calendar day, as RFC 3339 full-date.
//!
//! A point in time has a day only in a zone, so a date-time is accepted only where the profile names a zone.

use chartly_json::Value;

use crate::definition::Definition;
use crate::local_options::{self, LocalReader};
use crate::options::Options;
use crate::timestamp::civil::{Instant, date_text, days_since_epoch};
use crate::timestamp::pattern::{Pattern, Reading};
use crate::timestamp::rfc3339_to_utc;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

/// Reads `YYYY-MM-DD`, or the forms of its options.
#[derive(Debug)]
struct ToDate {
    full_date: Pattern,
    local: Option<LocalReader>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let full_date = Pattern::compile("%F").map_err(|rule| options.bad("patterns", rule))?;
    let local = local_options::read_for_dates(options)?;
    if let Some(reader) = &local
        && reader.needs_zone_for_dates()
    {
        return Err(options.missing("zone"));
    }
    Ok(Box::new(ToDate { full_date, local }))
}

impl ToDate {
    fn read(&self, text: &str) -> Result<String, Failure> {
        let Some(reader) = &self.local else {
            return self.full_date.read(text).map(day).ok_or(Failure::NotADate);
        };
        if !reader.has_patterns()
            && let Some(reading) = self.full_date.read(text)
        {
            return Ok(day(reading));
        }
        match reader.reading(text) {
            Some(reading) => match reading.offset_minutes {
                None => Ok(day(reading)),
                Some(east_minutes) => reader.day_of(reading.local.at_offset(east_minutes)),
            },
            None if reader.reads_rfc3339() => reader.day_of(moment(text)?),
            None => Err(Failure::NotADate),
        }
    }
}

impl Op for ToDate {
    fn name(&self) -> &'static str {
        "toDate"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let Value::String(text) = &value else { return Err(Failure::NotADate) };
        text::outcome(self.read(text)?)
    }

    fn result_type(&self) -> ResultType {
        ResultType::Date
    }
}

fn day(reading: Reading) -> String {
    date_text(reading.local.year, reading.local.month, reading.local.day)
}

fn moment(text: &str) -> Result<Instant, Failure> {
    let mut out = [0; 32];
    rfc3339_to_utc(text.as_bytes(), &mut out).map_err(|failure| match failure {
        Failure::NotATimestamp => Failure::NotADate,
        other => other,
    })?;
    let number =
        |from: usize, to: usize| out[from..to].iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    let days = days_since_epoch(number(0, 4), number(5, 7), number(8, 10));
    let second_of_day = number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19);
    Ok(Instant { seconds: days * 86_400 + i64::from(second_of_day), nanoseconds: 0 })
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""2026-02-28""#, r#""2026-02-28""#),
    Example::fails(r#""2026-02-29""#, Failure::NotADate),
    Example::fails(r#""2026-02-28T23:30:00Z""#, Failure::NotADate),
    Example::returns(r#""2026-02-28T23:30:00Z""#, r#""2026-03-01""#).with(r#"{"zone": "Europe/Berlin"}"#),
    Example::returns(r#""2026-02-28""#, r#""2026-02-28""#).with(r#"{"zone": "Europe/Berlin"}"#),
    Example::returns(r#""28.02.2026""#, r#""2026-02-28""#).with(r#"{"patterns": ["%d.%m.%Y", "%F"]}"#),
    Example::fails(r#""02/28/2026""#, Failure::NotADate).with(r#"{"patterns": ["%d.%m.%Y", "%F"]}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "toDate",
    promise: "A calendar day becomes `YYYY-MM-DD`. Without options it accepts only that form. With `zone`, a date-time \
              with an offset becomes its day in the zone's calendar.",
    options: &[
        ("patterns", local_options::PATTERNS_MEANING),
        ("zone", "IANA name of the zone whose calendar gives the day"),
    ],
    examples: EXAMPLES,
    compile,
};
