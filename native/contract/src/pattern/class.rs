//! Character classes: `[…]`, and the escapes that stand for one (`\d`, `\p{Lu}`, …).

use regex::Regex;

use super::parse::Parser;
use crate::PatternProblem;

/// ECMA-262's white space and line terminators: the category Zs, the byte order mark, and these.
const SPACE: &str = r"\t\n\x0b\x0c\r\p{Zs}\u{feff}\u{2028}\u{2029}";
const WORD: &str = "A-Za-z0-9_";
const DIGIT: &str = "0-9";

/// One atom of a class.
enum Atom {
    Character(char),
    /// A class escape, which has been written.
    Class,
}

impl Parser {
    /// Translate a class after its opening bracket.
    pub(super) fn class(&mut self) -> Result<(), PatternProblem> {
        let negated = self.take("^");
        if self.take("]") {
            // `[]` matches nothing and `[^]` everything; the matcher has no empty classes.
            self.out.push_str(if negated { r"[\s\S]" } else { r"[^\s\S]" });
            return Ok(());
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        while !self.take("]") {
            let low = self.class_atom()?;
            if let Atom::Character(low) = low {
                self.literal(low);
                self.class_range(low)?;
            }
        }
        self.out.push(']');
        Ok(())
    }

    /// Translate the rest of a range, if one follows its low end. A hyphen before a class or the end is an ordinary
    /// character.
    fn class_range(&mut self, low: char) -> Result<(), PatternProblem> {
        if self.peek() != Some('-') || self.follows_closing_hyphen() {
            return Ok(());
        }
        self.next();
        let end_of_low = self.out.len();
        match self.class_atom()? {
            Atom::Character(high) if low <= high => {
                self.out.push('-');
                self.literal(high);
                Ok(())
            }
            Atom::Character(_) => Err(self.syntax()),
            Atom::Class => {
                self.out.insert_str(end_of_low, r"\-");
                Ok(())
            }
        }
    }

    /// Return whether `-]` comes next.
    fn follows_closing_hyphen(&mut self) -> bool {
        let follows = self.take("-]");
        if follows {
            self.back(2);
        }
        follows
    }

    fn class_atom(&mut self) -> Result<Atom, PatternProblem> {
        match self.next() {
            None => Err(self.syntax()),
            Some('\\') if self.take("b") => Ok(Atom::Character('\u{8}')),
            Some('\\') => {
                if self.class_escape()? {
                    return Ok(Atom::Class);
                }
                self.character_escape().map(Atom::Character)
            }
            Some(character) => Ok(Atom::Character(character)),
        }
    }

    /// Translate an escape that means a class, if there is one, after its backslash. Return whether there was one.
    pub(super) fn class_escape(&mut self) -> Result<bool, PatternProblem> {
        let (content, negated) = match self.peek() {
            Some('d') => (DIGIT, false),
            Some('D') => (DIGIT, true),
            Some('w') => (WORD, false),
            Some('W') => (WORD, true),
            Some('s') => (SPACE, false),
            Some('S') => (SPACE, true),
            Some('p' | 'P') => return self.property().map(|()| true),
            _ => return Ok(false),
        };
        self.next();
        self.out.push_str(if negated { "[^" } else { "[" });
        self.out.push_str(content);
        self.out.push(']');
        Ok(true)
    }

    /// Translate `p{…}` or `P{…}`.
    fn property(&mut self) -> Result<(), PatternProblem> {
        let error = self.syntax();
        let kind = self.next().ok_or(error)?;
        if !self.take("{") {
            return Err(self.syntax());
        }
        let mut name = String::new();
        loop {
            match self.next() {
                Some('}') => break,
                Some(character) if character.is_ascii_alphanumeric() || matches!(character, '_' | '=') => {
                    name.push(character);
                }
                _ => return Err(self.syntax()),
            }
        }
        let written = format!("\\{kind}{{{name}}}");
        // The matcher's tables decide which properties exist. Checking here keeps the position for the error.
        if Regex::new(&written).is_err() {
            return Err(error);
        }
        self.out.push_str(&written);
        Ok(())
    }
}
