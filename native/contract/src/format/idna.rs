//! `idn-hostname`: IDNA 2008 (RFC 5890 to 5893). The library implements UTS 46, which allows more: it maps characters
//! and accepts symbols. So a name must map to itself, and each character must be permitted by RFC 5892.

use std::sync::OnceLock;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use regex::Regex;

/// Return whether the text is a host name with any characters.
pub(super) fn is_idn_hostname(text: &str) -> bool {
    // RFC 3490 §3.1 knows four dots; the standard's test suite keeps them.
    let dotted = text.replace(['\u{3002}', '\u{ff0e}', '\u{ff61}'], ".");
    if dotted.ends_with('.') || dotted.split('.').any(str::is_empty) {
        return false;
    }
    let uts46 = Uts46::new();
    if uts46.to_ascii(dotted.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify).is_err() {
        return false;
    }
    let (unicode, outcome) = uts46.to_unicode(dotted.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    outcome.is_ok()
        && dotted.split('.').count() == unicode.split('.').count()
        && dotted.split('.').zip(unicode.split('.')).all(|(given, mapped)| is_label(given, mapped))
}

/// Return whether the label has the prefix of an A-label.
pub(super) fn has_ace_prefix(label: &str) -> bool {
    label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"))
}

fn is_label(given: &str, mapped: &str) -> bool {
    if given.is_ascii() && !has_ace_prefix(given) {
        return true;
    }
    let is_unmapped = has_ace_prefix(given) || given == mapped;
    is_unmapped && permitted().is_match(mapped) && !forbidden().is_match(mapped) && context_is_right(mapped)
}

/// Return the characters that RFC 5892 permits: letters, digits and marks (§2.1), its exceptions (§2.6), the hyphen,
/// and the joiners, whose context the library checks. A mark may not come first (RFC 5891 §4.2.3.2).
fn permitted() -> &'static Regex {
    static PERMITTED: OnceLock<Regex> = OnceLock::new();
    let exceptions = r"\u{df}\u{3c2}\u{6fd}\u{6fe}\u{f0b}\u{3007}\u{b7}\u{375}\u{5f3}\u{5f4}\u{30fb}";
    let class = format!(r"\p{{Ll}}\p{{Lu}}\p{{Lo}}\p{{Lm}}\p{{Nd}}\p{{Mn}}\p{{Mc}}\-\u{{200c}}\u{{200d}}{exceptions}");
    compiled(&PERMITTED, &format!(r"^[{class}--\p{{M}}][{class}]*$"))
}

/// Return the characters of permitted categories that RFC 5892 disallows: exceptions (§2.6), old Hangul (§2.9),
/// ignorable blocks (§2.4).
fn forbidden() -> &'static Regex {
    static FORBIDDEN: OnceLock<Regex> = OnceLock::new();
    let exceptions = r"\u{640}\u{7fa}\u{302e}\u{302f}\u{3031}-\u{3035}\u{303b}";
    let hangul = r"\u{1100}-\u{11ff}\u{a960}-\u{a97c}\u{d7b0}-\u{d7fb}";
    let blocks = r"\u{20d0}-\u{20ff}\u{1d100}-\u{1d24f}";
    compiled(&FORBIDDEN, &format!("[{exceptions}{hangul}{blocks}]"))
}

/// Return whether the label meets the contextual rules of RFC 5892 appendix A, except those for joiners.
fn context_is_right(label: &str) -> bool {
    let characters: Vec<char> = label.chars().collect();
    let script_is = |regex: &Regex, character: Option<&char>| {
        character.is_some_and(|character| regex.is_match(character.encode_utf8(&mut [0; 4])))
    };
    let has = |range: std::ops::RangeInclusive<char>| characters.iter().any(|character| range.contains(character));
    let digits_mix = has('\u{660}'..='\u{669}') && has('\u{6f0}'..='\u{6f9}');
    !digits_mix
        && characters.iter().enumerate().all(|(index, character)| {
            let before = index.checked_sub(1).and_then(|index| characters.get(index));
            let after = characters.get(index + 1);
            match character {
                '\u{b7}' => before == Some(&'l') && after == Some(&'l'),
                '\u{375}' => script_is(greek(), after),
                '\u{5f3}' | '\u{5f4}' => script_is(hebrew(), before),
                '\u{30fb}' => characters.iter().any(|other| script_is(japanese(), Some(other))),
                _ => true,
            }
        })
}

fn greek() -> &'static Regex {
    static GREEK: OnceLock<Regex> = OnceLock::new();
    compiled(&GREEK, r"\p{Greek}")
}

fn hebrew() -> &'static Regex {
    static HEBREW: OnceLock<Regex> = OnceLock::new();
    compiled(&HEBREW, r"\p{Hebrew}")
}

fn japanese() -> &'static Regex {
    static JAPANESE: OnceLock<Regex> = OnceLock::new();
    compiled(&JAPANESE, r"[\p{Hiragana}\p{Katakana}\p{Han}]")
}

/// Return a regular expression of this module, which is compiled once.
#[allow(clippy::expect_used)] // constant text; the tests below compile every one
fn compiled(cell: &'static OnceLock<Regex>, text: &str) -> &'static Regex {
    cell.get_or_init(|| Regex::new(text).expect("a constant regex"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters of any script are accepted; characters that UTS 46 maps or accepts in addition are not.
    #[test]
    fn is_stricter_than_uts46() {
        for text in ["실례.테스트", "bücher.example", "l·l", "xn--bcher-kva", "א׳ב", "・ぁ", "α͵β", "Example.COM"]
        {
            assert!(is_idn_hostname(text), "{text}");
        }
        for text in ["☕.example", "BÜCHER.example", "a·l", "̀hello", "", "a..b", "a.", "・", "ב٠۰"] {
            assert!(!is_idn_hostname(text), "{text}");
        }
    }
}
