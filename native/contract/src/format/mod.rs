//! The formats of JSON Schema 2020-12, asserted, each after the standard that it names.

mod duration;
mod email;
mod hostname;
mod idna;
mod pointer;
mod time;
mod uri_template;
mod uuid;

use std::net::{Ipv4Addr, Ipv6Addr};

use fluent_uri::{Iri, IriRef, Uri, UriRef};

use crate::pattern::is_regular_expression;

/// The name of [`Format::ColumnDate`]. It has a character that no name of a format in a contract should have.
pub const COLUMN_DATE: &str = "\0column-date";
/// See [`Format::ColumnDateRange`].
pub const COLUMN_DATE_RANGE: &str = "\0column-date-range";
/// See [`Format::ColumnInstant`].
pub const COLUMN_INSTANT: &str = "\0column-instant";
/// See [`Format::ColumnInstantRange`].
pub const COLUMN_INSTANT_RANGE: &str = "\0column-instant-range";

/// A format that is asserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// RFC 3339 `full-date`.
    Date,
    /// As [`Format::Date`], in the years 0001 to 9999. Not of the standard: the plan asserts it for columns of dates.
    ColumnDate,
    /// Any text but a `full-date` outside of these years.
    ColumnDateRange,
    /// RFC 3339 `date-time`; a leap second only where UTC has 23:59:60.
    DateTime,
    /// As [`Format::DateTime`], an instant that is in the years 0001 to 9999 in UTC. Not of the standard: the plan
    /// asserts it for columns of instants.
    ColumnInstant,
    /// Any text but a `date-time` outside of these years.
    ColumnInstantRange,
    /// RFC 3339 appendix A `duration`.
    Duration,
    /// RFC 5321 `Mailbox`.
    Email,
    /// RFC 1123, with A-labels of RFC 5890.
    Hostname,
    /// RFC 6531 `Mailbox`.
    IdnEmail,
    /// RFC 5890 to 5893.
    IdnHostname,
    /// RFC 2673 §3.2 `dotted-quad`.
    Ipv4,
    /// RFC 4291 §2.2, without a zone.
    Ipv6,
    /// RFC 3987.
    Iri,
    /// RFC 3987.
    IriReference,
    /// RFC 6901.
    JsonPointer,
    /// ECMA-262, with the `u` flag.
    Regex,
    /// The relative JSON Pointer draft.
    RelativeJsonPointer,
    /// RFC 3339 `full-time`.
    Time,
    /// RFC 3986.
    Uri,
    /// RFC 3986.
    UriReference,
    /// RFC 6570.
    UriTemplate,
    /// RFC 4122.
    Uuid,
}

impl Format {
    /// Return the format of this name; `None` when the standard doesn't define it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "date" => Self::Date,
            "date-time" => Self::DateTime,
            COLUMN_DATE => Self::ColumnDate,
            COLUMN_DATE_RANGE => Self::ColumnDateRange,
            COLUMN_INSTANT => Self::ColumnInstant,
            COLUMN_INSTANT_RANGE => Self::ColumnInstantRange,
            "duration" => Self::Duration,
            "email" => Self::Email,
            "hostname" => Self::Hostname,
            "idn-email" => Self::IdnEmail,
            "idn-hostname" => Self::IdnHostname,
            "ipv4" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            "iri" => Self::Iri,
            "iri-reference" => Self::IriReference,
            "json-pointer" => Self::JsonPointer,
            "regex" => Self::Regex,
            "relative-json-pointer" => Self::RelativeJsonPointer,
            "time" => Self::Time,
            "uri" => Self::Uri,
            "uri-reference" => Self::UriReference,
            "uri-template" => Self::UriTemplate,
            "uuid" => Self::Uuid,
            _ => return None,
        })
    }

    /// Return whether the text has the format.
    #[must_use]
    pub fn is_valid(self, text: &str) -> bool {
        match self {
            Self::Date => time::is_date(text),
            Self::DateTime => time::is_date_time(text),
            Self::ColumnDate => time::is_date(text) && time::is_column_date(text),
            Self::ColumnDateRange => time::is_column_date(text),
            Self::ColumnInstant => time::is_date_time(text) && time::is_column_instant(text),
            Self::ColumnInstantRange => time::is_column_instant(text),
            Self::Duration => duration::is_duration(text),
            Self::Email => email::is_email(text),
            Self::Hostname => hostname::is_hostname(text),
            Self::IdnEmail => email::is_idn_email(text),
            Self::IdnHostname => idna::is_idn_hostname(text),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::Iri => Iri::parse(text).is_ok(),
            Self::IriReference => IriRef::parse(text).is_ok(),
            Self::JsonPointer => pointer::is_pointer(text),
            Self::Regex => is_regular_expression(text),
            Self::RelativeJsonPointer => pointer::is_relative_pointer(text),
            Self::Time => time::is_time(text),
            Self::Uri => Uri::parse(text).is_ok(),
            Self::UriReference => UriRef::parse(text).is_ok(),
            Self::UriTemplate => uri_template::is_uri_template(text),
            Self::Uuid => uuid::is_uuid(text),
        }
    }
}
