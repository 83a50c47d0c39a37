//! Patterns that are a sequence of ASCII classes, such as `^[A-Z]{3}$`, as a table by byte. Every other pattern is
//! matched by the contract's engine.

/// The most bytes of a text that such a pattern describes; longer patterns are rare and go to the regular expression.
const BYTES_MAX: usize = 64;

/// One set of ASCII bytes for each byte of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Classes {
    /// The number of the set for each position.
    places: Vec<u8>,
    /// The sets that each byte is in, one bit a set.
    sets_of: Box<[u8; 256]>,
}

impl Classes {
    /// Read `^`, then letters, digits or bracketed classes of them, each with an optional `{n}`, then `$`. No character
    /// of this part of ECMA-262's grammar has a second meaning.
    pub(crate) fn of(pattern: &str) -> Option<Self> {
        let mut rest = pattern.strip_prefix('^')?.strip_suffix('$')?.as_bytes();
        let mut classes = Self { places: Vec::new(), sets_of: Box::new([0; 256]) };
        let mut sets = 0;
        while !rest.is_empty() {
            let (members, after) = read_class(rest)?;
            let (count, after) = read_count(after)?;
            rest = after;
            if sets == 8 || classes.places.len() + count > BYTES_MAX {
                return None;
            }
            for byte in members {
                classes.sets_of[usize::from(byte)] |= 1 << sets;
            }
            classes.places.extend(std::iter::repeat_n(sets, count));
            sets += 1;
        }
        Some(classes)
    }

    #[inline(always)]
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        text.len() == self.places.len()
            && text.iter().zip(&self.places).all(|(byte, set)| self.sets_of[usize::from(*byte)] >> set & 1 != 0)
    }
}

fn read_class(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    if text[0] != b'[' {
        return text[0].is_ascii_alphanumeric().then(|| (vec![text[0]], &text[1..]));
    }
    let end = text.iter().position(|byte| *byte == b']')?;
    let (mut inner, mut members) = (&text[1..end], Vec::new());
    while let [first, rest @ ..] = inner {
        if !first.is_ascii_alphanumeric() {
            return None;
        }
        match rest {
            [b'-', last, rest @ ..] if last.is_ascii_alphanumeric() && first <= last => {
                members.extend(*first..=*last);
                inner = rest;
            }
            _ => {
                members.push(*first);
                inner = rest;
            }
        }
    }
    (!members.is_empty()).then(|| (members, &text[end + 1..]))
}

fn read_count(text: &[u8]) -> Option<(usize, &[u8])> {
    match text {
        [b'{', rest @ ..] => {
            let end = rest.iter().position(|byte| *byte == b'}')?;
            let digits =
                str::from_utf8(&rest[..end]).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
            Some((digits.parse().ok()?, &rest[end + 1..]))
        }
        [b'*' | b'+' | b'?', ..] => None,
        _ => Some((1, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only patterns of the simple form are accepted.
    #[test]
    fn takes_plain_patterns() {
        for pattern in ["^[A-Z]{3}$", "^a$", "^[0-9]{4}x[a-fA-F0-9]{2}$", "^$"] {
            assert!(Classes::of(pattern).is_some(), "{pattern}");
        }
        for pattern in
            ["[A-Z]{3}", "^[A-Z]{3}", "^a+$", "^.$", "^[^A]$", "^\\d$", "^a{2,3}$", "^a|b$", "^[a-]$", "^[]$", "^é$"]
        {
            assert_eq!(Classes::of(pattern), None, "{pattern}");
        }
    }

    /// A text matches byte by byte and in its whole length.
    #[test]
    fn matches_whole_texts() {
        let classes = Classes::of("^[A-Z]{2}7[0-9a-f]$").expect("plain");
        assert!(classes.matches(b"AZ7f"));
        for text in [&b"AZ7"[..], b"AZ7ff", b"aZ7f", b"AZ8f", b"AZ7g", b""] {
            assert!(!classes.matches(text));
        }
    }
}
