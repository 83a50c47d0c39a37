//! Where the records of a page lie, in one pass over its tokens and without a tree. It accepts a page only when all of it
//! is strict JSON; whatever it isn't sure of, it gives up on, and the complete parser decides.
//!
//! Only the levels that the path leads through are followed step by step. What hangs off them (a record, a value beside the
//! way) is walked as a whole within a window of tokens; when the window ends too early, the next one starts there.

use std::collections::HashSet;

use chartly_json::Span;
use chartly_json::scan::{Tokens, scan_text};
use chartly_path::Step;

use super::walk::{DEPTH_MAX, Walk};

/// As the worker's windows, and for the same reason.
const WINDOW_BYTES: usize = 64 << 10;

/// A longer value beside the way, or record, is not worth a window; the complete parser takes the page.
const WINDOW_BYTES_MAX: usize = 256 << 20;

/// Readable bytes behind a piece are needed only by fields, and no field is read here.
struct GaveUp;

/// The way to a page's records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Way {
    pub(crate) steps: Vec<Step>,
    /// Whether every child of what the steps lead to is a record; else an array's elements are, or the one value.
    pub(crate) takes_children: bool,
}

impl Way {
    /// The way that a query goes, when it is a chain of names and indexes, at its end perhaps a wildcard.
    pub(crate) fn of(query: &chartly_path::Query) -> Option<Self> {
        if let Some(steps) = query.as_singular() {
            return Some(Self { steps: steps.to_vec(), takes_children: false }).filter(Self::is_forward);
        }
        let text = query.text();
        let before = text.strip_suffix("[*]").or_else(|| text.strip_suffix(".*"))?;
        let before = chartly_path::Query::parse(before).ok()?;
        Some(Self { steps: before.as_singular()?.to_vec(), takes_children: true }).filter(Self::is_forward)
    }

    /// An index from the end is known only at the end.
    fn is_forward(&self) -> bool {
        self.steps.iter().all(|step| !matches!(step, Step::Index(index) if *index < 0))
    }

    /// The records' places, in their order; `None` when this pass can't tell.
    pub(crate) fn records(&self, page: &[u8]) -> Option<Vec<Span>> {
        if u32::try_from(page.len()).is_err() {
            return None;
        }
        let mut tape = Tape { page, base: 0, window: WINDOW_BYTES, tokens: Tokens::default(), at: 0 };
        tape.scan();
        let mut records = Vec::new();
        tape.follow(&self.steps, self.takes_children, &mut records).ok()?;
        tape.finish().ok()?;
        Some(records)
    }
}

/// A page's tokens, a window of them at a time.
struct Tape<'b> {
    page: &'b [u8],
    /// Where the window starts in the page.
    base: usize,
    window: usize,
    tokens: Tokens,
    /// The next token.
    at: usize,
}

impl Tape<'_> {
    fn piece(&self) -> &[u8] {
        &self.page[self.base..self.page.len().min(self.base + self.window)]
    }

    fn scan(&mut self) {
        let mut tokens = std::mem::take(&mut self.tokens);
        scan_text(self.piece(), &mut tokens);
        self.tokens = tokens;
        self.at = 0;
    }

    fn is_last_window(&self) -> bool {
        self.base + self.window >= self.page.len()
    }

    /// Where the next token is in the page.
    fn position(&self, token: usize) -> usize {
        self.base + self.tokens.positions()[token] as usize
    }

    /// Starts the next window at the next token, or makes this one larger when it starts there already.
    fn move_on(&mut self) -> Result<(), GaveUp> {
        if self.is_last_window() {
            return Err(GaveUp);
        }
        let next = self.position(self.at);
        self.check_suspects(next)?;
        if next == self.base {
            self.window *= 2;
            if self.window > WINDOW_BYTES_MAX {
                return Err(GaveUp);
            }
        } else {
            (self.base, self.window) = (next, WINDOW_BYTES);
        }
        self.scan();
        Ok(())
    }

    /// Whether nothing before this place breaks I-JSON; behind it, the window's end may only look like it does.
    fn check_suspects(&self, before: usize) -> Result<(), GaveUp> {
        let first = self.tokens.suspects().first();
        if first.is_some_and(|place| self.base + (*place as usize) < before) { Err(GaveUp) } else { Ok(()) }
    }

    /// The next token's kind, with `ahead` more of them in the window.
    fn kind(&mut self, ahead: usize) -> Result<u8, GaveUp> {
        while self.at + ahead >= self.tokens.count() {
            self.move_on()?;
        }
        Ok(self.tokens.kinds()[self.at])
    }

    /// Passes a whole value and gives its place.
    fn skip(&mut self) -> Result<Span, GaveUp> {
        loop {
            self.kind(0)?;
            let first = self.at;
            let count = self.tokens.count();
            let walk = Walk {
                data: self.piece().as_ptr(),
                positions: self.tokens.positions(),
                kinds: self.tokens.kinds(),
                nodes: &[],
                keys: &mut [],
                slots: &mut [],
                failure: count + 1,
                depth_max: DEPTH_MAX,
            };
            let after = walk.skip_value(first, 0);
            // A scalar at the window's end may go on behind it.
            if after < count || (after == count && self.is_last_window()) {
                let start = self.position(first);
                let end = match self.tokens.kinds()[first] {
                    b'"' | b'{' | b'[' => self.position(after - 1) + 1,
                    _ => start + self.page[start..self.position(after)].trim_ascii_end().len(),
                };
                self.at = after;
                return Ok(Span::new(start, end));
            }
            self.move_on()?;
        }
    }

    /// Follows the way from the value that starts here to the records, and passes all of it.
    fn follow(&mut self, steps: &[Step], takes_children: bool, records: &mut Vec<Span>) -> Result<(), GaveUp> {
        let kind = self.kind(0)?;
        match (steps.split_first(), kind) {
            (None, b'[') => self.elements(|tape, _| {
                records.push(tape.skip()?);
                Ok(())
            }),
            (None, b'{') if takes_children => self.members(|tape, _| {
                records.push(tape.skip()?);
                Ok(())
            }),
            (None, _) => {
                let value = self.skip()?;
                if !takes_children {
                    records.push(value);
                }
                Ok(())
            }
            (Some((Step::Name(name), rest)), b'{') => self.members(|tape, key| {
                if key == name { tape.follow(rest, takes_children, records) } else { tape.skip().map(drop) }
            }),
            (Some((Step::Index(wanted), rest)), b'[') => self.elements(|tape, index| {
                if index == *wanted { tape.follow(rest, takes_children, records) } else { tape.skip().map(drop) }
            }),
            (Some(_), _) => self.skip().map(drop),
        }
    }

    fn elements(&mut self, mut each: impl FnMut(&mut Self, i64) -> Result<(), GaveUp>) -> Result<(), GaveUp> {
        self.at += 1;
        if self.kind(0)? == b']' {
            self.at += 1;
            return Ok(());
        }
        for index in 0.. {
            each(self, index)?;
            match self.kind(0)? {
                b',' => self.at += 1,
                b']' => break,
                _ => return Err(GaveUp),
            }
        }
        self.at += 1;
        Ok(())
    }

    fn members(&mut self, mut each: impl FnMut(&mut Self, &str) -> Result<(), GaveUp>) -> Result<(), GaveUp> {
        let mut seen = HashSet::new();
        self.at += 1;
        if self.kind(0)? == b'}' {
            self.at += 1;
            return Ok(());
        }
        loop {
            let key = self.key()?;
            each(self, &key)?;
            if !seen.insert(key) {
                return Err(GaveUp);
            }
            match self.kind(0)? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return Err(GaveUp),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// A key and its colon; keys with escapes are for the complete parser.
    fn key(&mut self) -> Result<String, GaveUp> {
        self.kind(3)?;
        let kinds = &self.tokens.kinds()[self.at..self.at + 3];
        if kinds != [b'"', chartly_json::scan::CLOSING_QUOTE, b':'] {
            return Err(GaveUp);
        }
        let text = &self.page[self.position(self.at) + 1..self.position(self.at + 1)];
        self.at += 3;
        match str::from_utf8(text) {
            Ok(text) if !text.contains('\\') => Ok(text.to_owned()),
            _ => Err(GaveUp),
        }
    }

    /// Nothing may follow.
    fn finish(&mut self) -> Result<(), GaveUp> {
        while !self.is_last_window() {
            if self.at < self.tokens.count() {
                return Err(GaveUp);
            }
            self.check_suspects(self.base + self.piece().len())?;
            self.base += self.piece().len();
            self.window = WINDOW_BYTES;
            self.scan();
        }
        self.check_suspects(self.page.len())?;
        if self.at == self.tokens.count() { Ok(()) } else { Err(GaveUp) }
    }
}
