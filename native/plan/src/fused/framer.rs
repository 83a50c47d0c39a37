//! Where the records of a page lie, in one pass over its tokens and without a tree. It accepts a page only when all of it
//! is strict JSON; whatever it isn't sure of, it gives up on, and the complete parser decides.
//!
//! Only the levels that the path leads through are followed step by step. What hangs off them (a record, a value beside the
//! way) is walked as a whole within a window of tokens; when the window ends too early, the next one starts there.

use std::collections::HashSet;

use chartly_json::Span;
use chartly_json::scan::{Tokens, scan_text};
use chartly_path::Step;

use super::cursor::SLACK_BYTES;
use super::record::Piece;
use super::walk::{DEPTH_MAX, Walk};

/// As the worker's windows, and for the same reason.
const WINDOW_BYTES: usize = 64 << 10;

/// A longer value beside the way, or record, is not worth a window; the complete parser takes the page.
const WINDOW_BYTES_MAX: usize = 256 << 20;

/// The pass can't tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GaveUp;

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
        let mut pass = Pass::open(self, page)?;
        let mut records = Vec::new();
        while pass.at_record().ok()? {
            records.push(pass.tape.skip().ok()?);
        }
        Some(records)
    }
}

/// A level of the way that was entered, to be left again behind the records.
#[derive(Debug)]
struct Level {
    /// The keys of an object so far; an array has none.
    seen: Option<HashSet<String>>,
}

/// Where the pass is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Behind the bracket of what holds the records.
    First,
    /// Behind a record.
    Next,
    /// At the one record.
    One,
    /// Behind what was looked for, or behind where it isn't.
    Behind,
    /// At the page's sound end.
    Ended,
}

/// One pass over a page, record by record.
#[derive(Debug)]
pub(crate) struct Pass<'b> {
    pub(crate) tape: Tape<'b>,
    levels: Vec<Level>,
    stage: Stage,
}

impl<'b> Pass<'b> {
    /// Goes to the first record; `None` for a page that this pass can't tell about.
    pub(crate) fn open(way: &Way, page: &'b [u8]) -> Option<Self> {
        if u32::try_from(page.len()).is_err() {
            return None;
        }
        let mut pass = Self { tape: Tape::new(page), levels: Vec::new(), stage: Stage::Behind };
        pass.descend(way).ok()?;
        Some(pass)
    }

    /// Goes on to the next record, whose first token is next then; false when there is none and the page ends soundly.
    pub(crate) fn at_record(&mut self) -> Result<bool, GaveUp> {
        match self.stage {
            Stage::One => {
                self.stage = Stage::Behind;
                return Ok(true);
            }
            Stage::First | Stage::Next => {
                if self.enter_child()? {
                    self.stage = Stage::Next;
                    return Ok(true);
                }
            }
            Stage::Behind => {}
            Stage::Ended => return Ok(false),
        }
        self.ascend()?;
        self.stage = Stage::Ended;
        Ok(false)
    }

    /// Goes to the innermost level's next child, past its comma and key; false, and behind the level, when there is none.
    fn enter_child(&mut self) -> Result<bool, GaveUp> {
        let is_first = self.stage == Stage::First;
        let Some(level) = self.levels.last_mut() else { return Err(GaveUp) };
        let close = if level.seen.is_some() { b'}' } else { b']' };
        match self.tape.kind(0)? {
            kind if kind == close => {
                self.tape.at += 1;
                self.levels.pop();
                return Ok(false);
            }
            b',' if !is_first => self.tape.at += 1,
            _ if is_first => {}
            _ => return Err(GaveUp),
        }
        if let Some(seen) = &mut level.seen
            && !seen.insert(self.tape.key()?)
        {
            return Err(GaveUp);
        }
        Ok(true)
    }

    fn enter(&mut self, is_object: bool) {
        self.tape.at += 1;
        self.levels.push(Level { seen: is_object.then(HashSet::new) });
        self.stage = Stage::First;
    }

    fn descend(&mut self, way: &Way) -> Result<(), GaveUp> {
        for step in &way.steps {
            let kind = self.tape.kind(0)?;
            let is_object = matches!(step, Step::Name(_));
            if kind != if is_object { b'{' } else { b'[' } {
                self.tape.skip()?;
                self.stage = Stage::Behind;
                return Ok(());
            }
            self.enter(is_object);
            if !self.find(step)? {
                self.stage = Stage::Behind;
                return Ok(());
            }
        }
        match self.tape.kind(0)? {
            b'[' => self.enter(false),
            b'{' if way.takes_children => self.enter(true),
            _ if way.takes_children => {
                self.tape.skip()?;
                self.stage = Stage::Behind;
            }
            _ => self.stage = Stage::One,
        }
        Ok(())
    }

    /// Goes to the child that a step names, past those before it; false, and behind the level, when there is none.
    fn find(&mut self, step: &Step) -> Result<bool, GaveUp> {
        let mut index = 0;
        while self.enter_child()? {
            self.stage = Stage::Next;
            let is_found = match step {
                Step::Name(name) => self.tape.last_key == *name,
                Step::Index(wanted) => index == *wanted,
            };
            if is_found {
                return Ok(true);
            }
            self.tape.skip()?;
            index += 1;
        }
        Ok(false)
    }

    /// Leaves all levels, past what is left in them, and asks for the page's end.
    fn ascend(&mut self) -> Result<(), GaveUp> {
        while !self.levels.is_empty() {
            self.stage = Stage::Next;
            if self.enter_child()? {
                self.tape.skip()?;
            }
        }
        self.tape.finish()
    }
}

/// A page's tokens, a window of them at a time.
#[derive(Debug)]
pub(crate) struct Tape<'b> {
    page: &'b [u8],
    /// Where the window starts in the page.
    base: usize,
    window: usize,
    tokens: Tokens,
    /// The next token.
    pub(crate) at: usize,
    /// The key that was passed last.
    last_key: String,
    /// The page's last bytes with padding behind them, once the window is there.
    padded: Vec<u8>,
}

impl<'b> Tape<'b> {
    fn new(page: &'b [u8]) -> Self {
        let tokens = Tokens::default();
        let mut tape =
            Self { page, base: 0, window: WINDOW_BYTES, tokens, at: 0, last_key: String::new(), padded: Vec::new() };
        tape.scan();
        tape
    }

    fn piece(&self) -> &'b [u8] {
        &self.page[self.base..self.page.len().min(self.base + self.window)]
    }

    /// The window's bytes and tokens, readable for 64 bytes behind any token.
    pub(crate) fn readable(&self) -> Piece<'_> {
        let end = self.base + self.piece().len();
        let padded = self.page.get(self.base..end + SLACK_BYTES).unwrap_or(&self.padded);
        Piece { padded, tokens: &self.tokens }
    }

    fn scan(&mut self) {
        let piece = self.piece();
        scan_text(piece, &mut self.tokens);
        self.at = 0;
        if self.base + piece.len() + SLACK_BYTES > self.page.len() {
            self.padded.clear();
            self.padded.extend_from_slice(piece);
            self.padded.resize(piece.len() + SLACK_BYTES, b'\n');
        }
    }

    /// Where the next token is in the page.
    pub(crate) fn offset(&self) -> usize {
        self.position(self.at)
    }

    /// Where a value that starts with the next token lies, if it may end before a token: within the window, and sound.
    pub(crate) fn span_before(&self, after: usize) -> Option<Span> {
        let is_whole = after < self.tokens.count() || self.is_last_window();
        let span = Span::new(self.position(self.at), self.position(after - 1) + 1);
        let is_suspect = |place: &u32| span.range().contains(&(self.base + *place as usize));
        (is_whole && !self.tokens.suspects().iter().any(is_suspect)).then_some(span)
    }

    /// Whether the next value lies in this window as a whole.
    pub(crate) fn holds_value(&self) -> bool {
        let after = self.walk().skip_value(self.at, 0);
        after < self.tokens.count() || (after == self.tokens.count() && self.is_last_window())
    }

    fn walk(&self) -> Walk<'_> {
        Walk {
            data: self.piece().as_ptr(),
            positions: self.tokens.positions(),
            kinds: self.tokens.kinds(),
            nodes: &[],
            keys: &mut [],
            slots: &mut [],
            failure: self.tokens.count() + 1,
            depth_max: DEPTH_MAX,
        }
    }

    fn is_last_window(&self) -> bool {
        self.base + self.window >= self.page.len()
    }

    /// Where the next token is in the page.
    fn position(&self, token: usize) -> usize {
        self.base + self.tokens.positions()[token] as usize
    }

    /// Starts the next window at the next token, or makes this one larger when it starts there already.
    pub(crate) fn move_on(&mut self) -> Result<(), GaveUp> {
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
    pub(crate) fn skip(&mut self) -> Result<Span, GaveUp> {
        loop {
            self.kind(0)?;
            let first = self.at;
            let count = self.tokens.count();
            let after = self.walk().skip_value(first, 0);
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
            Ok(text) if !text.contains('\\') => {
                text.clone_into(&mut self.last_key);
                Ok(text.to_owned())
            }
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
