//! Patterns and formats accept any text, and agree on what a regular expression is.

use chartly_contract::{Format, Pattern};

const FORMATS: [&str; 19] = [
    "date",
    "date-time",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
    "uuid",
];

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    crate::parts::owned(&[
        r"^(?<n>[\p{L}\d_-]+)\.\u{1F600}{2,3}?|[^\s]$",
        "2024-02-29T23:59:60.5+01:00",
        "P1Y2M3DT4H5M6S",
        "a.b@[IPv6:::1]",
        "xn--bcher-kva.例え.l·l",
        "http://u@h:1/p?q#f",
        "{+a,b*}/{c:3}",
        "0/~1~0",
        "::ffff:1.2.3.4",
        "4b166dbe-d99d-5091-abdd-95b83330ed3a",
        "2026-02-02",
        "3#",
    ])
}

pub(crate) fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let format = |name| Format::named(name).expect("a format");
    let is_valid = |name| format(name).is_valid(&text);
    let valid: Vec<&str> = FORMATS.into_iter().filter(|name| is_valid(name)).collect();
    // A usable pattern is a regular expression by the format too.
    if let Ok(pattern) = Pattern::compile(&text) {
        assert!(valid.contains(&"regex"), "a pattern is a regular expression");
        for subject in ["", "abc-DEF_019 \u{e9}\u{1f600}\n", &text] {
            let _ = pattern.is_match(subject);
        }
    }
    // A text of a narrow format also has the wider format.
    for (narrow, wide) in
        [("uri", "iri"), ("uri", "uri-reference"), ("uri-reference", "iri-reference"), ("iri", "iri-reference")]
    {
        assert!(!valid.contains(&narrow) || valid.contains(&wide), "{narrow} is within {wide}");
    }
    if let Some((date, _)) = text.split_at_checked(10)
        && valid.contains(&"date-time")
    {
        assert!(format("date").is_valid(date), "a date-time begins with a date");
    }
}
