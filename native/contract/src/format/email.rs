//! `email` and `idn-email`: a mailbox of RFC 5321 §4.1.2, with RFC 6531's characters for the second.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::hostname::is_hostname;

/// RFC 5321 §4.5.3.1.1.
const LOCAL_BYTES_MAX: usize = 64;

/// Return whether the text is a mailbox in ASCII.
pub(super) fn is_email(text: &str) -> bool {
    text.is_ascii() && is_mailbox(text, is_hostname)
}

/// Return whether the text is a mailbox with any characters. As RFC 6531 leaves IDNA to the lookup, a domain's labels
/// are checked only for ASCII characters that hostnames can't have.
pub(super) fn is_idn_email(text: &str) -> bool {
    is_mailbox(text, |domain| {
        domain.split('.').all(|label| {
            let allowed =
                |character: char| !character.is_ascii() || character.is_ascii_alphanumeric() || character == '-';
            !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(allowed)
        })
    })
}

fn is_mailbox(text: &str, is_domain: impl Fn(&str) -> bool) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    if local.len() > LOCAL_BYTES_MAX {
        return false;
    }
    let local_is_valid = match local.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').is_some_and(is_quoted),
        None => local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character)),
    };
    let domain_is_valid = match domain.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(is_address),
        None => is_domain(domain),
    };
    local_is_valid && domain_is_valid
}

fn is_atom_character(character: char) -> bool {
    !character.is_ascii() || character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(character)
}

/// Return whether this is the content of a quoted string: printable characters, with `"` and `\` only after a
/// backslash.
fn is_quoted(content: &str) -> bool {
    let mut characters = content.chars();
    while let Some(character) = characters.next() {
        let is_valid = match character {
            '\\' => characters.next().is_some_and(|escaped| matches!(escaped, ' '..='~')),
            '"' => false,
            ' '..='~' => true,
            _ => !character.is_ascii(),
        };
        if !is_valid {
            return false;
        }
    }
    true
}

fn is_address(literal: &str) -> bool {
    match literal.strip_prefix("IPv6:") {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => literal.parse::<Ipv4Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quoted local parts and address literals are mailboxes, display names are not.
    #[test]
    fn follows_the_mailbox_grammar() {
        for text in ["a@b.c", r#""a\"b@ c"@b.c"#, "a+b@[127.0.0.1]", "a@[IPv6:::1]", "a@localhost"] {
            assert!(is_email(text), "{text}");
        }
        for text in ["a", "@b.c", "a@", "a.@b.c", "a@b..c", r#""a"b"@b.c"#, "A <a@b.c>", "a@[127.0.0.1", "é@b.c"] {
            assert!(!is_email(text), "{text}");
        }
        assert!(is_idn_email("δοκιμή@παράδειγμα.gr") && !is_idn_email("δοκιμή@a=b.gr"));
    }
}
