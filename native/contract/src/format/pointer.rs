//! `json-pointer` (RFC 6901) and `relative-json-pointer` (draft-bhutton-relative-json-pointer).

/// Return whether the text is a JSON Pointer.
pub(super) fn is_pointer(text: &str) -> bool {
    if !text.is_empty() && !text.starts_with('/') {
        return false;
    }
    let bytes = text.as_bytes();
    let escapes_well = |(at, _): (usize, &u8)| matches!(bytes.get(at + 1), Some(b'0' | b'1'));
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'~').all(escapes_well)
}

/// Return whether the text is a number of levels to go up, then a pointer or `#`.
pub(super) fn is_relative_pointer(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (levels, rest) = text.split_at(digits);
    let levels_are_valid = !levels.is_empty() && (levels == "0" || !levels.starts_with('0'));
    levels_are_valid && (rest == "#" || is_pointer(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tilde is followed by 0 or 1; a relative pointer starts with a number.
    #[test]
    fn follows_the_grammar() {
        assert!(
            is_pointer("") && is_pointer("/a~1b/~0/") && !is_pointer("a") && !is_pointer("/~2") && !is_pointer("/~")
        );
        assert!(is_relative_pointer("0#") && is_relative_pointer("12/a") && is_relative_pointer("1"));
        assert!(!is_relative_pointer("01/a") && !is_relative_pointer("/a") && !is_relative_pointer("1##"));
    }
}
