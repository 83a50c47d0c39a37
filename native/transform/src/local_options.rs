//! `patterns`, `zone`, `gap` and `fold`: the options by which `toUtcTimestamp` and `toDate` read declared and local times.
//!
//! It reads text to moments; what an op makes of a moment is the op's.

use crate::options::Options;
use crate::timestamp::civil::{Instant, date_text};
use crate::timestamp::pattern::{Pattern, Reading};
use crate::timestamp::zone::{Choice, Zone};
use crate::{Failure, OpError};

pub(crate) const PATTERNS_MEANING: &str =
    "forms that are read instead, tried in order; see [Patterns](#patterns). The word `rfc3339` stands for RFC 3339";
pub(crate) const ZONE_MEANING: &str =
    "IANA name of the zone in which times without an offset are read; the zone rules are built in, not the machine's";
pub(crate) const GAP_MEANING: &str =
    "what becomes of a local time that the zone's clocks skip: `reject` (default), `earlier` or `later`";
pub(crate) const FOLD_MEANING: &str =
    "what becomes of a local time that the zone's clocks show twice: `reject` (default), `earlier` or `later`";

/// More forms than this for one field is a field of no form; each is tried on each record.
const PATTERNS_MAX: usize = 16;

/// RFC 3339 without its offset, as a zone makes it readable.
const LOCAL_RFC3339: [&str; 2] = ["%FT%T", "%FT%T.%f"];

/// Reads declared patterns and local times.
#[derive(Debug)]
pub(crate) struct LocalReader {
    patterns: Vec<Pattern>,
    reads_rfc3339: bool,
    zone: Option<Zone>,
}

/// Read the four options; nothing when none is given.
pub(crate) fn read(options: &Options<'_>) -> Result<Option<LocalReader>, OpError> {
    let zone = zone(options)?;
    reader(options, zone, &LOCAL_RFC3339)
}

/// Read `patterns` and `zone` for days, which no clock change makes doubtful; nothing when neither is given.
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
    /// Tell whether RFC 3339 with an offset is read as well, after the patterns.
    pub(crate) fn reads_rfc3339(&self) -> bool {
        self.reads_rfc3339
    }

    /// Tell whether every pattern names a moment: by its own offset, or by the zone.
    pub(crate) fn can_place_all(&self) -> bool {
        self.zone.is_some() || self.patterns.iter().all(Pattern::has_offset)
    }

    /// Tell whether a pattern names a moment whose day no zone says.
    pub(crate) fn needs_zone_for_dates(&self) -> bool {
        self.zone.is_none() && (self.reads_rfc3339 || self.patterns.iter().any(Pattern::has_offset))
    }

    pub(crate) fn has_patterns(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// Give the day that the zone's calendar shows at a moment.
    pub(crate) fn day_of(&self, instant: Instant) -> Result<String, Failure> {
        let local = self.zone.as_ref().and_then(|zone| zone.local(instant)).ok_or(Failure::OutOfRange)?;
        Ok(date_text(local.year, local.month, local.day))
    }

    /// Read text by the first pattern that fits.
    pub(crate) fn reading(&self, text: &str) -> Option<Reading> {
        self.patterns.iter().find_map(|pattern| pattern.read(text))
    }

    /// Read text by the first pattern that fits, as a moment; nothing when none fits.
    pub(crate) fn instant(&self, text: &str) -> Result<Option<Instant>, Failure> {
        let Some(reading) = self.reading(text) else { return Ok(None) };
        match (reading.offset_minutes, &self.zone) {
            (Some(east_minutes), _) => Ok(Some(reading.local.at_offset(east_minutes))),
            (None, Some(zone)) => zone.instant(reading.local).map(Some),
            (None, None) => Err(Failure::NotATimestamp),
        }
    }
}
