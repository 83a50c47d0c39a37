//! The formats of JSON Schema 2020-12.

/// A format that is asserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is named as the standard names it
pub enum Format {
    Date,
    DateTime,
    Duration,
    Email,
    Hostname,
    IdnEmail,
    IdnHostname,
    Ipv4,
    Ipv6,
    Iri,
    IriReference,
    JsonPointer,
    Regex,
    RelativeJsonPointer,
    Time,
    Uri,
    UriReference,
    UriTemplate,
    Uuid,
}

impl Format {
    /// Whether the text has the format.
    #[must_use]
    pub fn is_valid(self, _: &str) -> bool {
        unimplemented!("in the making")
    }
}
