//! What patterns accept, what they refuse, and which patterns don't compile.

use super::*;

fn read(pattern: &str, text: &str) -> Option<String> {
    let reading = Pattern::compile(pattern).expect("a pattern").read(text)?;
    reading.local.at_offset(reading.offset_minutes.unwrap_or(0)).to_text()
}

/// Each directive reads its form.
#[test]
fn directives_read_their_form() {
    for (pattern, text, expected) in [
        ("%d/%m/%Y %H:%M", "02/03/2026 09:05", "2026-03-02T09:05:00Z"),
        ("%-m/%-d/%y %-I:%M %p", "3/2/26 9:05 pm", "2026-03-02T21:05:00Z"),
        ("%F %T.%f %z", "2026-03-02 09:05:07.25 +0130", "2026-03-02T07:35:07.25Z"),
        ("%a, %d %b %Y %T %z", "Mon, 02 Mar 2026 09:05:07 -05:00", "2026-03-02T14:05:07Z"),
        ("%A %B %e %Y", "monday MARCH  2 2026", "2026-03-02T00:00:00Z"),
        ("%Y%j", "2024366", "2024-12-31T00:00:00Z"),
        ("%I%p %F", "12AM 2026-03-02", "2026-03-02T00:00:00Z"),
        ("%I%p %F", "12PM 2026-03-02", "2026-03-02T12:00:00Z"),
        ("100%% %F", "100% 2026-03-02", "2026-03-02T00:00:00Z"),
    ] {
        assert_eq!(read(pattern, text).as_deref(), Some(expected), "{pattern} {text}");
    }
}

/// Text of another form, or without an existing time, is refused.
#[test]
fn other_texts_are_refused() {
    for (pattern, text) in [
        ("%d/%m/%Y", "2/03/2026"),
        ("%d/%m/%Y", "02/03/2026 "),
        ("%d/%m/%Y", "30/02/2026"),
        ("%Y%j", "2025366"),
        ("%Y%j", "2025000"),
        ("%a %F", "Tue 2026-03-02"),
        ("%F %H", "2026-03-02 24"),
        ("%F %I %p", "2026-03-02 13 PM"),
        ("%F %I %p", "2026-03-02 00 AM"),
        ("%F %T", "2026-03-02 09:05:60"),
        ("%F %z", "2026-03-02 +24:00"),
        ("%F %z", "2026-03-02 +1"),
        ("%F", "２026-03-02"),
    ] {
        assert_eq!(read(pattern, text), None, "{pattern} {text}");
    }
}

/// A pattern that can't name a point in time doesn't compile.
#[test]
fn incomplete_patterns_do_not_compile() {
    for pattern in
        ["", "%Q", "%", "%-Y", "%Y", "%Y-%m", "%m-%d", "%F %F", "%F %I", "%F %M", "%F %H %S", "%F %H:%M.%f", "%Y %j %d"]
    {
        assert!(Pattern::compile(pattern).is_err(), "{pattern}");
    }
}

/// The error names the directive that doesn't exist, and no other.
#[test]
fn names_the_unknown_directive() {
    let problem = |pattern: &str| Pattern::compile(pattern).expect_err(pattern);
    for (pattern, directive) in
        [("%Y-%m-%Q", "%Q"), ("%-Y", "%-Y"), ("%F %é", "%é"), ("%F%", "%"), ("%F%-", "%-"), ("%Y %N %Q", "%N")]
    {
        assert_eq!(problem(pattern), format!("a pattern of known directives: there is no directive {directive}"));
    }
}
