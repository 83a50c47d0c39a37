//! URI references (RFC 3986): resolve them, and split off fragments. Non-ASCII references are read as IRIs.

use fluent_uri::{Iri, IriRef};

/// Return the absolute form of a reference; `None` when either text is not a URI reference.
pub(crate) fn resolve(base: &str, reference: &str) -> Option<String> {
    let base = Iri::parse(split(base).0).ok()?;
    let reference = IriRef::parse(reference).ok()?;
    reference.resolve_against(&base).ok().map(|resolved| resolved.as_str().to_owned())
}

/// Return a URI without its fragment, and the fragment.
pub(crate) fn split(uri: &str) -> (&str, &str) {
    uri.split_once('#').unwrap_or((uri, ""))
}

/// Return a fragment with percent-encoding decoded; `None` when it is not UTF-8.
pub(crate) fn decode_fragment(fragment: &str) -> Option<String> {
    if !fragment.contains('%') {
        return Some(fragment.to_owned());
    }
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// References resolve as RFC 3986 §5 says, against bases with and without hierarchy.
    #[test]
    fn resolves() {
        let cases = [
            ("json-schema:///", "money.json", Some("json-schema:///money.json")),
            ("http://a/b/c.json", "../d.json#/x", Some("http://a/d.json#/x")),
            ("http://a/b/c.json#old", "#new", Some("http://a/b/c.json#new")),
            ("urn:example:root", "#/$defs/bar", Some("urn:example:root#/$defs/bar")),
            ("http://a/b", "%zz", None),
        ];
        for (base, reference, expected) in cases {
            assert_eq!(resolve(base, reference).as_deref(), expected, "{base} {reference}");
        }
    }

    /// Percent-encoding in a fragment is decoded, and malformed encoding is refused.
    #[test]
    fn decodes_fragments() {
        assert_eq!(decode_fragment("/a%25b%C3%A9").as_deref(), Some("/a%bé"));
        assert_eq!(decode_fragment("/%f"), None);
        assert_eq!(decode_fragment("/%ff"), None);
    }
}
