//! Patterns: regular expressions of ECMA-262 with the `u` flag, as JSON Schema has them, matched in linear time.
//!
//! Lookaround and backreferences are refused, not emulated: with them one record could take an hour. `\B` is refused too,
//! since the matcher's own would also match within a character.

mod class;
mod parse;

use regex::{Regex, RegexBuilder};

use crate::PatternProblem;
use parse::Parsed;

/// Most bytes of one compiled pattern: ten times what `^\p{L}{1,255}$`, a large honest one, takes.
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
    /// What ECMA-262 or this engine doesn't know.
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
            // A property that the tables don't have; its place was not kept.
            _ => PatternProblem::Syntax { position: 0 },
        })?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// The pattern as it stood.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the pattern has a match anywhere in the text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

/// Whether the text is a regular expression of ECMA-262, used or not: the format `regex`.
pub(crate) fn is_regular_expression(text: &str) -> bool {
    parse::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::compile(pattern).expect(pattern).is_match(text)
    }

    /// Classes mean what ECMA-262 says, not what the matcher's own syntax would.
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

    /// Escapes name characters in all of ECMA-262's ways.
    #[test]
    fn escapes_name_characters() {
        for pattern in [r"^\x41$", r"^\u0041$", r"^\u{41}$", r"^\u{000041}$"] {
            assert!(matches(pattern, "A"), "{pattern}");
        }
        assert!(matches(r"^\ud83d\ude00$", "😀") && matches(r"^\cJ$", "\n") && matches(r"^\0$", "\0"));
        assert!(matches(r"^\/\.\$$", "/.$") && matches(r"^a\-b$", "a-b"));
    }

    /// `$` is the very end, not the place before a last newline.
    #[test]
    fn anchors_are_strict() {
        assert!(!matches("^a$", "a\n"));
        assert!(matches(r"\bb", "a b") && !matches(r"a\b", "ab"));
    }

    /// What is no regular expression is refused; what is one, but not linear, is told apart.
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
