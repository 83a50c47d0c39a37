//! `duration` (RFC 3339 appendix A): units from large to small without a gap; weeks stand alone.

/// Return whether the text is a duration.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(body) = text.strip_prefix('P') else { return false };
    if let Some(weeks) = body.strip_suffix('W') {
        return is_number(weeks);
    }
    match body.split_once('T') {
        Some((date, time)) => (date.is_empty() || is_run(date, "YMD")) && is_run(time, "HMS"),
        None => is_run(body, "YMD"),
    }
}

/// Return whether the text is one or more numbers with consecutive units.
fn is_run(text: &str, units: &str) -> bool {
    let mut units = units.chars();
    let mut is_first = true;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Some(unit) = rest[digits..].chars().next().filter(|_| digits > 0) else { return false };
        let follows = if is_first { units.any(|known| known == unit) } else { units.next() == Some(unit) };
        if !follows {
            return false;
        }
        is_first = false;
        rest = &rest[digits + unit.len_utf8()..];
    }
    !is_first
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units are in order and without a gap; weeks don't mix with others.
    #[test]
    fn follows_the_grammar() {
        for text in ["P4DT12H30M5S", "P1Y2M3D", "P1W", "PT0S", "P1M2D", "PT36H", "P1YT1S"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["P", "PT", "P1YT", "P1", "1D", "P1D2Y", "P1Y2D", "P1Y2W", "PT1D", "P٣D", "P1.5D"] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
