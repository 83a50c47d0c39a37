//! `hostname`: letters, digits and hyphens (RFC 1123 §2.1). Labels with the prefix of an A-label must be valid A-labels
//! (RFC 5890 §2.3.2.1).

use super::idna::{has_ace_prefix, is_idn_hostname};

/// RFC 1035 §2.3.4, as text.
pub(super) const NAME_BYTES_MAX: usize = 253;
pub(super) const LABEL_BYTES_MAX: usize = 63;

/// Return whether the text is a host name in ASCII.
pub(super) fn is_hostname(text: &str) -> bool {
    text.len() <= NAME_BYTES_MAX
        && text.split('.').all(is_label)
        && (!text.split('.').any(has_ace_prefix) || is_idn_hostname(text))
}

/// Return whether the label is letters, digits and inner hyphens, of the right length.
pub(super) fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LABEL_BYTES_MAX
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Labels are checked for characters and length, and A-labels must decode.
    #[test]
    fn checks_labels() {
        assert!(is_hostname("a.b-c.1d") && is_hostname("xn--bcher-kva.example"));
        assert!(
            !is_hostname("")
                && !is_hostname("a..b")
                && !is_hostname("a_b")
                && !is_hostname("a.")
                && !is_hostname("xn--X")
        );
        assert!(is_label(&"a".repeat(63)) && !is_label(&"a".repeat(64)));
    }
}
