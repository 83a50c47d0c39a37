//! The grammar of ECMA-262 §22.2.1 with the `u` flag, translated to the matcher's syntax while it is parsed.
//!
//! It accepts two common deviations, because schemas in use need them and they are unambiguous: any ASCII punctuation
//! may be escaped, and a hyphen beside a class is an ordinary character.

use crate::PatternProblem;

/// The deepest nesting of groups: the parser and the matcher's compiler are recursive.
const NESTING_MAX: usize = 100;
/// The largest repetition of a pattern; the compiled size is the effective bound.
const REPETITIONS_MAX: u32 = 1 << 20;

/// A parsed regular expression.
pub(super) struct Parsed {
    pub(super) translated: String,
    /// The first part of it that is not supported.
    pub(super) unsupported: Option<PatternProblem>,
}

pub(super) fn parse(text: &str) -> Result<Parsed, PatternProblem> {
    let mut parser = Parser {
        characters: text.chars().collect(),
        position: 0,
        out: String::new(),
        unsupported: None,
        nesting: 0,
        groups: 0,
        names: Vec::new(),
        largest_reference: 0,
        named_references: Vec::new(),
    };
    parser.disjunction()?;
    if parser.peek().is_some() {
        return Err(parser.syntax());
    }
    let dangling = parser.named_references.iter().any(|name| !parser.names.contains(name));
    if parser.largest_reference > parser.groups || dangling {
        return Err(parser.syntax());
    }
    Ok(Parsed { translated: parser.out, unsupported: parser.unsupported })
}

pub(super) struct Parser {
    characters: Vec<char>,
    position: usize,
    pub(super) out: String,
    unsupported: Option<PatternProblem>,
    nesting: usize,
    groups: u32,
    names: Vec<String>,
    largest_reference: u32,
    named_references: Vec<String>,
}

/// The kind of a term, which decides whether a quantifier may follow.
enum Term {
    Quantifiable,
    Assertion,
}

impl Parser {
    pub(super) fn peek(&self) -> Option<char> {
        self.characters.get(self.position).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let character = self.peek();
        self.position += usize::from(character.is_some());
        character
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let stands = text
            .chars()
            .enumerate()
            .all(|(ahead, character)| self.characters.get(self.position + ahead) == Some(&character));
        if stands {
            self.position += text.chars().count();
        }
        stands
    }

    /// Go back by a number of characters.
    pub(super) fn back(&mut self, count: usize) {
        self.position -= count;
    }

    pub(super) fn syntax(&self) -> PatternProblem {
        PatternProblem::Syntax { position: self.position }
    }

    fn cannot(&mut self, problem: PatternProblem) {
        self.unsupported.get_or_insert(problem);
    }

    fn disjunction(&mut self) -> Result<(), PatternProblem> {
        loop {
            while !matches!(self.peek(), None | Some('|' | ')')) {
                let term = self.term()?;
                self.quantifier(&term)?;
            }
            if !self.take("|") {
                return Ok(());
            }
            self.out.push('|');
        }
    }

    fn term(&mut self) -> Result<Term, PatternProblem> {
        match self.next() {
            Some(anchor @ ('^' | '$')) => {
                self.out.push(anchor);
                return Ok(Term::Assertion);
            }
            Some('.') => self.out.push_str(r"[^\n\r\u{2028}\u{2029}]"),
            Some('(') => return self.group(),
            Some('[') => self.class()?,
            Some('\\') => return self.escape(),
            Some('*' | '+' | '?' | '{' | '}' | ']') | None => {
                self.position -= 1;
                return Err(self.syntax());
            }
            Some(character) => self.literal(character),
        }
        Ok(Term::Quantifiable)
    }

    fn quantifier(&mut self, term: &Term) -> Result<(), PatternProblem> {
        let range = match self.peek() {
            Some(quantifier @ ('*' | '+' | '?')) => {
                self.position += 1;
                quantifier.to_string()
            }
            Some('{') => self.range()?,
            _ => return Ok(()),
        };
        if matches!(term, Term::Assertion) {
            return Err(self.syntax());
        }
        self.out.push_str(&range);
        if self.take("?") {
            self.out.push('?');
        }
        Ok(())
    }

    /// Parse `{n}`, `{n,}` or `{n,m}`.
    fn range(&mut self) -> Result<String, PatternProblem> {
        self.position += 1;
        let least = self.number()?;
        let range = if self.take(",") {
            if self.peek() == Some('}') {
                format!("{{{least},}}")
            } else {
                let most = self.number()?;
                if most < least {
                    return Err(self.syntax());
                }
                format!("{{{least},{most}}}")
            }
        } else {
            format!("{{{least}}}")
        };
        if !self.take("}") {
            return Err(self.syntax());
        }
        Ok(range)
    }

    /// Parse decimal digits. Numbers beyond the largest repetition become the largest.
    fn number(&mut self) -> Result<u32, PatternProblem> {
        let start = self.position;
        let mut value = 0_u32;
        while let Some(digit) = self.peek().and_then(|character| character.to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(digit).min(REPETITIONS_MAX);
            self.position += 1;
        }
        if self.position == start { Err(self.syntax()) } else { Ok(value) }
    }

    fn group(&mut self) -> Result<Term, PatternProblem> {
        let mut term = Term::Quantifiable;
        let lookaround = ["?=", "?!", "?<=", "?<!"];
        if lookaround.iter().any(|opening| self.take(opening)) {
            self.cannot(PatternProblem::Lookaround);
            term = Term::Assertion;
        } else if self.take("?<") {
            let name = self.group_name()?;
            if self.names.contains(&name) {
                return Err(self.syntax());
            }
            self.names.push(name);
            self.groups += 1;
        } else if !self.take("?:") {
            self.groups += 1;
            if self.peek() == Some('?') {
                return Err(self.syntax());
            }
        }
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            return Err(PatternProblem::TooLarge);
        }
        self.out.push_str("(?:");
        self.disjunction()?;
        self.out.push(')');
        self.nesting -= 1;
        if self.take(")") { Ok(term) } else { Err(self.syntax()) }
    }

    /// Parse a group's name up to its `>`.
    fn group_name(&mut self) -> Result<String, PatternProblem> {
        let mut name = String::new();
        loop {
            match self.next() {
                Some('>') if !name.is_empty() => return Ok(name),
                Some(character) if character == '$' || character == '_' || character.is_alphabetic() => {
                    name.push(character);
                }
                Some(character) if character.is_numeric() && !name.is_empty() => name.push(character),
                _ => return Err(self.syntax()),
            }
        }
    }

    /// Parse an escape outside a class, after its backslash.
    fn escape(&mut self) -> Result<Term, PatternProblem> {
        match self.peek() {
            Some('b') => {
                self.position += 1;
                self.out.push_str(r"(?-u:\b)");
                return Ok(Term::Assertion);
            }
            Some('B') => {
                self.position += 1;
                self.cannot(PatternProblem::NotWordBoundary);
                return Ok(Term::Assertion);
            }
            Some('k') => {
                self.position += 1;
                if !self.take("<") {
                    return Err(self.syntax());
                }
                let name = self.group_name()?;
                self.named_references.push(name);
                self.cannot(PatternProblem::Backreference);
            }
            Some('1'..='9') => {
                let reference = self.number()?;
                self.largest_reference = self.largest_reference.max(reference);
                self.cannot(PatternProblem::Backreference);
            }
            _ => {
                if !self.class_escape()? {
                    let character = self.character_escape()?;
                    self.literal(character);
                }
            }
        }
        Ok(Term::Quantifiable)
    }

    /// Parse an escape that names one character, after its backslash.
    pub(super) fn character_escape(&mut self) -> Result<char, PatternProblem> {
        let start = self.position;
        let character = match self.next() {
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('v') => Some('\u{b}'),
            Some('0') if !self.peek().is_some_and(|next| next.is_ascii_digit()) => Some('\0'),
            Some('c') => {
                self.next().filter(char::is_ascii_alphabetic).and_then(|letter| char::from_u32(u32::from(letter) % 32))
            }
            Some('x') => self.hex(2).and_then(char::from_u32),
            Some('u') => self.unicode(),
            Some(punctuation) if punctuation.is_ascii_punctuation() => Some(punctuation),
            _ => None,
        };
        character.ok_or(PatternProblem::Syntax { position: start })
    }

    fn unicode(&mut self) -> Option<char> {
        if self.take("{") {
            let mut value = 0_u32;
            let mut any = false;
            while let Some(digit) = self.peek().and_then(|character| character.to_digit(16)) {
                value = value.saturating_mul(16).saturating_add(digit);
                self.position += 1;
                any = true;
            }
            return (any && self.take("}")).then(|| char::from_u32(value)).flatten();
        }
        let first = self.hex(4)?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        // A lone surrogate can't be in a string here, so the pattern can't mean one.
        let second =
            self.take("\\u").then(|| self.hex(4)).flatten().filter(|second| (0xdc00..0xe000).contains(second))?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..digits {
            value = value * 16 + self.next()?.to_digit(16)?;
        }
        Some(value)
    }

    /// Write a character, escaped if the matcher's syntax needs it.
    pub(super) fn literal(&mut self, character: char) {
        if character.is_ascii_punctuation()
            && !matches!(character, '"' | '\'' | ',' | ':' | ';' | '=' | '@' | '_' | '`' | '!' | '%' | '/' | '<' | '>')
        {
            self.out.push('\\');
        }
        self.out.push(character);
    }
}
