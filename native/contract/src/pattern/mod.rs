//! Patterns: regular expressions of ECMA-262 with the `u` flag, as in JSON Schema, matched in linear time.
//!
//! Lookaround and backreferences are refused, as one record could take an hour with them. `\B` is refused too, since
//! the matcher would also find it within a character.

mod class;
mod parse;

use regex::{Regex, RegexBuilder};

use crate::PatternProblem;
use parse::Parsed;

/// The most bytes of one compiled pattern: ten times the size of `^\p{L}{1,255}$`, which is a large but reasonable one.
const COMPILED_BYTES_MAX: usize = 16 << 20;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compile a pattern.
    ///
    /// # Errors
    /// The text is not in the grammar of ECMA-262, or needs a feature that is not supported.
    ///
    /// ```
    /// use chartly_contract::{Pattern, PatternProblem};
    ///
    /// let pattern = Pattern::compile(r"^\d{3}-[\p{Lu}_]+$").map_err(|problem| problem.to_string())?;
    /// assert!(pattern.is_match("123-ÄB_") && !pattern.is_match("١٢٣-A"));
    /// assert_eq!(Pattern::compile(r"(a)\1").err(), Some(PatternProblem::Backreference));
    /// # Ok::<(), String>(())
    /// ```
    pub fn compile(text: &str) -> Result<Self, PatternProblem> {
        let Parsed { translated, unsupported } = parse::parse(text)?;
        if let Some(problem) = unsupported {
            return Err(problem);
        }
        let regex = RegexBuilder::new(&translated).size_limit(COMPILED_BYTES_MAX).build();
        let regex = regex.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => PatternProblem::TooLarge,
            // The tables don't have the property; its position was not kept.
            _ => PatternProblem::Syntax { position: 0 },
        })?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// Return the pattern as it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Return whether the pattern has a match anywhere in the text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// Return whether the text is a regular expression of ECMA-262, supported or not: the format `regex`.
pub(crate) fn is_regular_expression(text: &str) -> bool {
    parse::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::compile(pattern).expect(pattern).is_match(text)
    }

    /// Classes have ECMA-262's meaning, not that of the matcher's syntax.
    #[test]
    fn classes_are_those_of_ecma() {
        assert!(!matches(r"^\d$", "٣") && matches(r"^\D$", "٣"));
        assert!(!matches(r"^\w$", "é") && matches(r"^[^\w]$", "é"));
        assert!(matches(r"^\s$", "\u{feff}") && matches(r"^\s$", "\u{2003}") && !matches(r"^\s$", "\u{85}"));
        assert!(!matches("^.$", "\u{2028}") && matches("^.$", "\u{85}"));
        assert!(matches("^[a&&b]+$", "a&b") && matches(r"^[\b]$", "\u{8}"));
        assert!(matches("[^]", "\n") && !matches("[]", "a"));
        assert!(matches(r"^[\w.-]+$", "a-b.c"));
    }

    /// Escapes name characters in all ways of ECMA-262.
    #[test]
    fn escapes_name_characters() {
        for pattern in [r"^\x41$", r"^\u0041$", r"^\u{41}$", r"^\u{000041}$"] {
            assert!(matches(pattern, "A"), "{pattern}");
        }
        assert!(matches(r"^\ud83d\ude00$", "😀") && matches(r"^\cJ$", "\n") && matches(r"^\0$", "\0"));
        assert!(matches(r"^\/\.\$$", "/.$") && matches(r"^a\-b$", "a-b"));
    }

    /// `$` is the very end, not the position before a final line feed.
    #[test]
    fn anchors_are_strict() {
        assert!(!matches("^a$", "a\n"));
        assert!(matches(r"\bb", "a b") && !matches(r"a\b", "ab"));
    }

    /// A text that is not a regular expression is refused, with another reason than one that can't be matched in linear
    /// time.
    #[test]
    fn refuses_with_the_reason() {
        for text in [
            r"\a",
            "(?P<n>x)",
            "(?i)x",
            "(",
            ")",
            "[b-a]",
            "a{2,1}",
            "*",
            "a**",
            "{",
            r"\u{110000}",
            r"[\d-z]{",
            r"\1",
            r"\k<n>",
            r"\p{Foo}x",
            "(?<n>a)(?<n>b)",
            r"\ud800",
        ] {
            assert!(matches!(Pattern::compile(text), Err(PatternProblem::Syntax { .. })), "{text}");
        }
        for text in ["(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b"] {
            assert_eq!(Pattern::compile(text).err(), Some(PatternProblem::Lookaround), "{text}");
        }
        assert_eq!(Pattern::compile(r"(?<n>a)\k<n>").err(), Some(PatternProblem::Backreference));
        assert_eq!(Pattern::compile(r"a\B").err(), Some(PatternProblem::NotWordBoundary));
        assert_eq!(Pattern::compile("((a{1000}){1000}){1000}").err(), Some(PatternProblem::TooLarge));
    }
}
