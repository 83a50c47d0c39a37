//! `patterns`, `zone`, `gap` and `fold`: the options by which `toUtcTimestamp` and `toDate` read declared and local
//! times.
//!
//! It parses text to times; the op uses the result.

use crate::options::Options;
use crate::timestamp::civil::{Instant, date_text};
use crate::timestamp::pattern::{Pattern, Reading};
use crate::timestamp::zone::{Choice, Zone};
use crate::{Failure, OpError};

pub(crate) const PATTERNS_MEANING: &str =
    "the accepted forms, tried in order; see [Patterns](#patterns). The word `rfc3339` means RFC 3339";
pub(crate) const ZONE_MEANING: &str =
    "IANA name of the zone of times without an offset; the zone rules are built in and don't depend on the machine";
pub(crate) const GAP_MEANING: &str =
    "what to do with a local time that the zone skips: `reject` (default), `earlier` or `later`";
pub(crate) const FOLD_MEANING: &str =
    "what to do with a local time that the zone has twice: `reject` (default), `earlier` or `later`";

/// The most patterns of one field, as each is tried on each record.
const PATTERNS_MAX: usize = 16;

/// RFC 3339 without its offset, which a zone replaces.
const LOCAL_RFC3339: [&str; 2] = ["%FT%T", "%FT%T.%f"];

/// Reads declared patterns and local times.
#[derive(Debug)]
pub(crate) struct LocalReader {
    patterns: Vec<Pattern>,
    reads_rfc3339: bool,
    zone: Option<Zone>,
}

/// Read the four options; `None` when none is given.
pub(crate) fn read(options: &Options<'_>) -> Result<Option<LocalReader>, OpError> {
    let zone = zone(options)?;
    reader(options, zone, &LOCAL_RFC3339)
}

/// Read `patterns` and `zone` for days, which clock changes don't affect; `None` when neither is given.
pub(crate) fn read_for_dates(options: &Options<'_>) -> Result<Option<LocalReader>, OpError> {
    let zone = match options.text("zone")? {
        None => None,
        Some(name) => Some(find(options, name, Choice::Reject, Choice::Reject)?),
    };
    reader(options, zone, &[])
}

fn reader(options: &Options<'_>, zone: Option<Zone>, defaults: &[&str]) -> Result<Option<LocalReader>, OpError> {
    let Some(named) = options.texts("patterns")? else {
        let Some(zone) = zone else { return Ok(None) };
        let patterns = defaults.iter().filter_map(|pattern| Pattern::compile(pattern).ok()).collect();
        return Ok(Some(LocalReader { patterns, reads_rfc3339: true, zone: Some(zone) }));
    };
    if named.len() > PATTERNS_MAX {
        return Err(options.bad("patterns", format!("at most {PATTERNS_MAX} patterns")));
    }
    let mut reader = LocalReader { patterns: Vec::new(), reads_rfc3339: false, zone };
    for text in &named {
        if &**text == "rfc3339" {
            reader.reads_rfc3339 = true;
            continue;
        }
        let pattern = Pattern::compile(text).map_err(|rule| options.bad("patterns", rule))?;
        reader.patterns.push(pattern);
    }
    Ok(Some(reader))
}

fn zone(options: &Options<'_>) -> Result<Option<Zone>, OpError> {
    const CHOICES: &[(&str, Choice)] =
        &[("reject", Choice::Reject), ("earlier", Choice::Earlier), ("later", Choice::Later)];
    let Some(name) = options.text("zone")? else { return Ok(None) };
    let gap = options.choice("gap", CHOICES)?.unwrap_or(Choice::Reject);
    let fold = options.choice("fold", CHOICES)?.unwrap_or(Choice::Reject);
    find(options, name, gap, fold).map(Some)
}

fn find(options: &Options<'_>, name: &str, gap: Choice, fold: Choice) -> Result<Zone, OpError> {
    Zone::find(name, gap, fold).ok_or_else(|| options.bad("zone", "the name of an IANA time zone"))
}

impl LocalReader {
    /// Return whether RFC 3339 with an offset is accepted too, after the patterns.
    pub(crate) fn reads_rfc3339(&self) -> bool {
        self.reads_rfc3339
    }

    /// Return whether every pattern yields a point in time, by its own offset or by the zone.
    pub(crate) fn can_place_all(&self) -> bool {
        self.zone.is_some() || self.patterns.iter().all(Pattern::has_offset)
    }

    /// Return whether a pattern yields a point in time whose day needs a zone that is missing.
    pub(crate) fn needs_zone_for_dates(&self) -> bool {
        self.zone.is_none() && (self.reads_rfc3339 || self.patterns.iter().any(Pattern::has_offset))
    }

    pub(crate) fn has_patterns(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// Return the day in the zone's calendar at an instant.
    pub(crate) fn day_of(&self, instant: Instant) -> Result<String, Failure> {
        let local = self.zone.as_ref().and_then(|zone| zone.local(instant)).ok_or(Failure::OutOfRange)?;
        Ok(date_text(local.year, local.month, local.day))
    }

    /// Parse text by the first pattern that matches.
    pub(crate) fn reading(&self, text: &str) -> Option<Reading> {
        self.patterns.iter().find_map(|pattern| pattern.read(text))
    }

    /// Parse text by the first pattern that matches, as an instant; `None` when none matches.
    pub(crate) fn instant(&self, text: &str) -> Result<Option<Instant>, Failure> {
        let Some(reading) = self.reading(text) else { return Ok(None) };
        match (reading.offset_minutes, &self.zone) {
            (Some(east_minutes), _) => Ok(Some(reading.local.at_offset(east_minutes))),
            (None, Some(zone)) => zone.instant(reading.local).map(Some),
            (None, None) => Err(Failure::NotATimestamp),
        }
    }
}
