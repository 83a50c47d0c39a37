//! `toUtcTimestamp`: convert text that names a point in time to RFC 3339 text in UTC.
//!
//! Without options it accepts only RFC 3339. A local time needs a zone and a number needs a unit, so both are accepted
//! only when the profile names them.

use chartly_json::Value;

use crate::definition::Definition;
use crate::local_options::{self, LocalReader};
use crate::number::exact_or_text;
use crate::options::Options;
use crate::timestamp::civil::Instant;
use crate::timestamp::rfc3339_to_utc;
use crate::{Example, Failure, Fields, Fused, Op, OpError, Outcome, ResultType};

/// The accepted input.
#[derive(Debug)]
enum ToUtcTimestamp {
    Rfc3339,
    /// A count since 1970, in units of `10^exponent` seconds.
    Epoch {
        exponent: i32,
    },
    /// Declared patterns, local times in a zone, or both.
    Local(LocalReader),
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let epoch = options.choice("from", &[("rfc3339", false), ("epoch", true)])?;
    if epoch == Some(true) {
        let unit = options.choice("unit", &[("s", 0), ("ms", -3), ("us", -6), ("ns", -9)])?;
        return Ok(Box::new(ToUtcTimestamp::Epoch { exponent: options.required("unit", unit)? }));
    }
    Ok(Box::new(match local_options::read(options)? {
        Some(reader) if !reader.can_place_all() => return Err(options.missing("zone")),
        Some(reader) => ToUtcTimestamp::Local(reader),
        None => ToUtcTimestamp::Rfc3339,
    }))
}

impl Op for ToUtcTimestamp {
    fn name(&self) -> &'static str {
        "toUtcTimestamp"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let instant = match (self, &value) {
            (Self::Rfc3339, Value::String(text)) => return rfc3339(text),
            (Self::Epoch { exponent }, value) => epoch_instant(value, *exponent)?,
            (Self::Local(reader), Value::String(text)) => match reader.instant(text)? {
                Some(instant) => instant,
                None if reader.reads_rfc3339() => return rfc3339(text),
                None => return Err(Failure::NotATimestamp),
            },
            _ => return Err(Failure::NotATimestamp),
        };
        let text = instant.to_text().ok_or(Failure::OutOfRange)?;
        Ok(Outcome::Value(Value::String(text.into())))
    }

    fn result_type(&self) -> ResultType {
        ResultType::UtcTimestamp
    }

    fn fused(&self) -> Option<Fused> {
        matches!(self, Self::Rfc3339).then_some(Fused::UtcTimestamp)
    }
}

fn rfc3339<'a>(text: &str) -> Result<Outcome<'a>, Failure> {
    let mut out = [0; 32];
    let length = rfc3339_to_utc(text.as_bytes(), &mut out)?;
    let text = String::from_utf8_lossy(&out[..length]).into_owned();
    Ok(Outcome::Value(Value::String(text.into())))
}

fn epoch_instant(value: &Value<'_>, exponent: i32) -> Result<Instant, Failure> {
    const SECOND_NANOSECONDS: i128 = 1_000_000_000;
    /// Year 9999 in nanoseconds has 21 digits before the point.
    const WHOLE_DIGITS_MAX: u32 = 21;
    let count = exact_or_text(value).map_err(|failure| match failure {
        Failure::NotANumber => Failure::NotATimestamp,
        Failure::Overflow => Failure::OutOfRange,
        other => other,
    })?;
    if count.digit_counts().0 > WHOLE_DIGITS_MAX {
        return Err(Failure::OutOfRange);
    }
    // A digit finer than a nanosecond can't be kept and is refused there.
    let nanoseconds = count.coefficient_at(-9 - exponent)?;
    let seconds = nanoseconds.div_euclid(SECOND_NANOSECONDS);
    Ok(Instant {
        seconds: i64::try_from(seconds).map_err(|_| Failure::OutOfRange)?,
        nanoseconds: u32::try_from(nanoseconds.rem_euclid(SECOND_NANOSECONDS)).map_err(|_| Failure::OutOfRange)?,
    })
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""2026-02-02T12:00:00Z""#, r#""2026-02-02T12:00:00Z""#),
    Example::returns(r#""2026-02-02t01:30:00.500+02:00""#, r#""2026-02-01T23:30:00.5Z""#),
    Example::fails(r#""2026-02-02T12:00:00""#, Failure::NotATimestamp),
    Example::fails(r#""2026-02-30T12:00:00Z""#, Failure::NotATimestamp),
    Example::fails(r#""2026-02-02T23:59:60Z""#, Failure::NotATimestamp),
    Example::fails(r#""0000-01-01T00:00:00+01:00""#, Failure::OutOfRange),
    Example::fails("1770033600", Failure::NotATimestamp),
    Example::returns("1770033600", r#""2026-02-02T12:00:00Z""#).with(r#"{"from": "epoch", "unit": "s"}"#),
    Example::returns(r#""1770033600123""#, r#""2026-02-02T12:00:00.123Z""#).with(r#"{"from": "epoch", "unit": "ms"}"#),
    Example::returns("-0.5", r#""1969-12-31T23:59:59.5Z""#).with(r#"{"from": "epoch", "unit": "s"}"#),
    Example::fails("0.0000000001", Failure::PrecisionLoss).with(r#"{"from": "epoch", "unit": "s"}"#),
    Example::returns(r#""02/03/2026 09:05 -0500""#, r#""2026-03-02T14:05:00Z""#)
        .with(r#"{"patterns": ["%d/%m/%Y %H:%M %z"]}"#),
    Example::returns(r#""02/03/2026 09:05""#, r#""2026-03-02T08:05:00Z""#)
        .with(r#"{"patterns": ["%d/%m/%Y %H:%M"], "zone": "Europe/Berlin"}"#),
    Example::fails(r#""2026-03-02T09:05:00Z""#, Failure::NotATimestamp)
        .with(r#"{"patterns": ["%d/%m/%Y %H:%M"], "zone": "Europe/Berlin"}"#),
    Example::returns(r#""2026-03-02T09:05:00""#, r#""2026-03-02T14:05:00Z""#).with(r#"{"zone": "America/New_York"}"#),
    Example::returns(r#""2026-03-02T09:05:00Z""#, r#""2026-03-02T09:05:00Z""#).with(r#"{"zone": "America/New_York"}"#),
    Example::fails(r#""2026-03-29T02:30:00""#, Failure::LocalTimeSkipped).with(r#"{"zone": "Europe/Berlin"}"#),
    Example::fails(r#""2026-10-25T02:30:00""#, Failure::LocalTimeRepeated).with(r#"{"zone": "Europe/Berlin"}"#),
    Example::returns(r#""2026-10-25T02:30:00""#, r#""2026-10-25T01:30:00Z""#)
        .with(r#"{"zone": "Europe/Berlin", "fold": "later"}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "toUtcTimestamp",
    promise: "A date-time becomes `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, its fraction without trailing zeros. Without options it \
              reads RFC 3339 date-times: any offset up to ±23:59, `t` and `z` in either case, up to nine digits of fraction, \
              years 0000–9999; no missing offset, no hour 24, no second 60, no date that doesn't exist.",
    options: &[
        (
            "from",
            "`rfc3339` (default), or `epoch`: a number, or a string that is one, counted from 1970-01-01T00:00:00Z",
        ),
        ("unit", "with `from: epoch`: `s`, `ms`, `us` or `ns`"),
        ("patterns", local_options::PATTERNS_MEANING),
        ("zone", local_options::ZONE_MEANING),
        ("gap", local_options::GAP_MEANING),
        ("fold", local_options::FOLD_MEANING),
    ],
    examples: EXAMPLES,
    compile,
};
