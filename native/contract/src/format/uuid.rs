//! `uuid` (RFC 4122 §3): 32 hexadecimal digits in five groups, of any version.

/// Return whether the text is a UUID.
pub(super) fn is_uuid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(
            |(at, byte)| {
                if hyphens.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() }
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both cases are accepted; braces and missing hyphens are not.
    #[test]
    fn follows_the_grammar() {
        assert!(is_uuid("2EB8AA08-aa98-11ea-b4aa-73b441d16380"));
        assert!(!is_uuid("2eb8aa08aa9811eab4aa73b441d16380") && !is_uuid("{2eb8aa08-aa98-11ea-b4aa-73b441d1638}"));
    }
}
