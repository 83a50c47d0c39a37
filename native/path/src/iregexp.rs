//! I-Regexp (RFC 9485): checked by its own grammar, then translated to the syntax of a linear-time matcher.
//!
//! `^` and `$` are anchors, as in the compliance suite of RFC 9535, although RFC 9485's grammar reads them as ordinary
//! characters. A pattern that is not an I-Regexp matches nothing, as RFC 9535 §2.4.6 says.

use regex::{Regex, RegexBuilder};

/// The most bytes of a compiled pattern. `a{1000}{1000}` would take gigabytes; a megabyte is enough for any pattern
/// that a person writes.
const COMPILED_BYTES_MAX: usize = 1 << 20;
/// The deepest nesting of groups, as the translation is recursive.
const NESTING_MAX: u32 = 64;

/// Whether a pattern must match the whole text (`match`) or any part of it (`search`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    Whole,
    Part,
}

/// Compile an I-Regexp; `None` when the text is none, or is larger than the limit.
pub(crate) fn compile(text: &str, reach: Reach) -> Option<Regex> {
    let translated = Translation::of(text)?;
    let anchored = match reach {
        Reach::Whole => format!("^(?:{translated})$"),
        Reach::Part => translated,
    };
    RegexBuilder::new(&anchored).size_limit(COMPILED_BYTES_MAX).nest_limit(NESTING_MAX * 2).build().ok()
}

struct Translation<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    out: String,
    nesting: u32,
}

impl<'t> Translation<'t> {
    fn of(text: &'t str) -> Option<String> {
        let mut translation = Self { rest: text.chars().peekable(), out: String::new(), nesting: 0 };
        translation.branches()?;
        translation.rest.next().is_none().then_some(translation.out)
    }

    /// Translate branches up to the end or a closing parenthesis.
    fn branches(&mut self) -> Option<()> {
        let mut piece_stands = false;
        loop {
            match self.rest.peek().copied() {
                None | Some(')') => return Some(()),
                Some('*' | '+' | '?' | '{') if !piece_stands => return None,
                Some('{') => {
                    self.range_quantifier()?;
                    piece_stands = false;
                }
                Some('|' | '*' | '+' | '?') => {
                    self.copy();
                    piece_stands = false;
                }
                Some(character) => {
                    self.atom(character)?;
                    piece_stands = true;
                }
            }
        }
    }

    fn atom(&mut self, character: char) -> Option<()> {
        match character {
            '(' => {
                self.rest.next();
                self.nesting += 1;
                if self.nesting > NESTING_MAX {
                    return None;
                }
                self.out.push_str("(?:");
                self.branches()?;
                self.nesting -= 1;
                self.out.push(')');
                (self.rest.next() == Some(')')).then_some(())
            }
            '.' => {
                self.rest.next();
                self.out.push_str("[^\\n\\r]");
                Some(())
            }
            '[' => self.class(),
            '\\' => self.escape(),
            ']' | '}' => None,
            '^' | '$' => {
                self.copy();
                Some(())
            }
            _ => {
                self.rest.next();
                self.literal(character);
                Some(())
            }
        }
    }

    /// Translate `{n}`, `{n,}` or `{n,m}`.
    fn range_quantifier(&mut self) -> Option<()> {
        self.copy();
        self.digits()?;
        if self.rest.peek() == Some(&',') {
            self.copy();
            if self.rest.peek() != Some(&'}') {
                self.digits()?;
            }
        }
        (self.rest.peek() == Some(&'}')).then(|| self.copy())
    }

    fn digits(&mut self) -> Option<()> {
        let mut any = false;
        while self.rest.peek().is_some_and(char::is_ascii_digit) {
            self.copy();
            any = true;
        }
        any.then_some(())
    }

    /// Translate `[…]`, which holds single characters, ranges and categories. A hyphen at either end is an ordinary
    /// character.
    fn class(&mut self) -> Option<()> {
        self.copy();
        if self.rest.peek() == Some(&'^') {
            self.copy();
        }
        let mut is_first = true;
        loop {
            match self.rest.next()? {
                ']' if is_first => return None,
                ']' => {
                    self.out.push(']');
                    return Some(());
                }
                '-' => {
                    if !is_first && self.rest.peek() != Some(&']') {
                        return None;
                    }
                    self.out.push_str("\\-");
                }
                '\\' if matches!(self.rest.peek(), Some('p' | 'P')) => self.category()?,
                start => {
                    let low = self.class_character(start)?;
                    self.literal(low);
                    self.class_range(low)?;
                }
            }
            is_first = false;
        }
    }

    /// Translate the end of a range, if one follows.
    fn class_range(&mut self, low: char) -> Option<()> {
        if self.rest.peek() != Some(&'-') {
            return Some(());
        }
        let mut ahead = self.rest.clone();
        ahead.next();
        if ahead.peek() == Some(&']') {
            return Some(());
        }
        self.rest.next();
        let next = self.rest.next()?;
        let high = self.class_character(next)?;
        self.out.push('-');
        self.literal(high);
        (low <= high).then_some(())
    }

    /// Return the character that `start`, which was just read within a class, means.
    fn class_character(&mut self, start: char) -> Option<char> {
        match start {
            '\\' => single_escape(self.rest.next()?),
            '-' | '[' | ']' => None,
            character => Some(character),
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.rest.next();
        if matches!(self.rest.peek(), Some('p' | 'P')) {
            return self.category();
        }
        let character = single_escape(self.rest.next()?)?;
        self.literal(character);
        Some(())
    }

    /// Translate `p{Lu}` or `P{Lu}` after its backslash.
    fn category(&mut self) -> Option<()> {
        let kind = self.rest.next()?;
        (self.rest.next() == Some('{')).then_some(())?;
        let mut name = String::new();
        loop {
            match self.rest.next()? {
                '}' => break,
                character => name.push(character),
            }
        }
        let mut letters = name.chars();
        let minors = match letters.next()? {
            'L' => "lmotu",
            'M' => "cen",
            'N' => "dlo",
            'P' => "cdefios",
            'Z' => "lps",
            'S' => "ckmo",
            'C' => "cfno",
            _ => return None,
        };
        let minor_is_known = letters.next().is_none_or(|minor| minors.contains(minor));
        (minor_is_known && letters.next().is_none()).then_some(())?;
        self.out.push('\\');
        self.out.push(kind);
        self.out.push('{');
        self.out.push_str(&name);
        self.out.push('}');
        Some(())
    }

    fn copy(&mut self) {
        self.out.extend(self.rest.next());
    }

    /// Write a character, escaped if the matcher's syntax needs it.
    fn literal(&mut self, character: char) {
        if regex_syntax_escapes(character) {
            self.out.push('\\');
        }
        self.out.push(character);
    }
}

/// Return whether a character has a meaning in the matcher's syntax, within classes or outside.
fn regex_syntax_escapes(character: char) -> bool {
    matches!(
        character,
        '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' | '#' | '&' | '-' | '~'
    )
}

/// Return the character of a `SingleCharEsc`.
fn single_escape(character: char) -> Option<char> {
    match character {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        '(' | ')' | '*' | '+' | '-' | '.' | '?' | '[' | '\\' | ']' | '^' | '{' | '|' | '}' => Some(character),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> Option<bool> {
        compile(pattern, Reach::Whole).map(|regex| regex.is_match(text))
    }

    /// A pattern outside RFC 9485's grammar is refused, even if the matcher accepts it.
    #[test]
    fn refuses_what_is_no_iregexp() {
        for pattern in
            [r"\d", r"(?i)a", r"a{,2}", r"[a&&b-]x[", "a**", "a+?", r"\p{Greek}", "[]", "[a-]b]", r"\b", "(", ")", "]"]
        {
            assert_eq!(matches(pattern, ""), None, "{pattern}");
        }
    }

    /// Characters with a meaning only in the matcher's syntax are ordinary characters.
    #[test]
    fn keeps_ordinary_characters_ordinary() {
        assert_eq!(matches("[a&&b]+", "a&b"), Some(true));
        assert_eq!(matches("#~ -", "#~ -"), Some(true));
        assert_eq!(matches(r"[\-a~]", "-"), Some(true));
        assert_eq!(matches("[--]", "-"), Some(true));
    }

    /// A pattern that would take more memory than the limit counts as invalid.
    #[test]
    fn bounds_the_compiled_size() {
        assert_eq!(matches("((a{1000}){1000}){1000}", "a"), None);
        assert_eq!(matches(&"(".repeat(100_000), "a"), None);
    }
}
