//! The order of keys: by UTF-16 code units (RFC 8785 §3.2.3), compared without converting.

use std::cmp::Ordering;

/// Compare two keys as RFC 8785 orders them.
///
/// UTF-8 orders by code point, UTF-16 by code unit. They differ only where one key has a character beyond U+FFFF, whose
/// surrogates (from 0xD800) sort below U+E000–U+FFFF. In UTF-8 that is a first byte from 0xF0 against 0xEE or 0xEF.
///
/// ```
/// use chartly_canonical::compare_keys;
/// use std::cmp::Ordering;
///
/// assert_eq!(compare_keys("a", "b"), Ordering::Less);
/// assert_eq!(compare_keys("\u{fb33}", "\u{1f600}"), Ordering::Greater);
/// ```
#[must_use]
#[inline]
pub fn compare_keys(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    match one.iter().zip(other).find(|(a, b)| a != b) {
        None => one.len().cmp(&other.len()),
        Some((&a, &b)) if a.min(b) >= 0xee && a.max(b) >= 0xf0 && a.min(b) < 0xf0 => b.cmp(&a),
        Some((a, b)) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The order is that of the keys' UTF-16 code units.
        #[test]
        fn orders_as_utf16(one in "[a-c\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}]{0,4}", other in "[a-c\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}]{0,4}") {
            prop_assert_eq!(compare_keys(&one, &other), one.encode_utf16().cmp(other.encode_utf16()));
        }

        /// The same holds for any text.
        #[test]
        fn orders_any_text_as_utf16(one in any::<String>(), other in any::<String>()) {
            prop_assert_eq!(compare_keys(&one, &other), one.encode_utf16().cmp(other.encode_utf16()));
        }
    }
}
