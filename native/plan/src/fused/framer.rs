//! Find the records of a page in one pass over its tokens, without a tree. It accepts a page only if all of it is
//! strict JSON. It gives up on everything else, and the complete parser decides.
//!
//! Only the levels of the path to the records are followed step by step. Every other value (a record, or a value beside
//! the path) is walked as a whole within a window of tokens. When the window ends too early, the next window starts at
//! that value.

use std::collections::HashSet;

use chartly_json::Span;
use chartly_json::scan::Kernel;
use chartly_path::Step;

use super::gave_up::GaveUp;
use super::token_window::{PageReader, TokenWindow};

/// The path to a page's records, in a form that one pass can follow.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScanPath {
    pub(crate) steps: Vec<Step>,
    /// Whether every child of the last step is a record. Otherwise the elements of an array are, or the one value.
    pub(crate) takes_children: bool,
}

impl ScanPath {
    /// Return the path of a query that is a chain of names and indexes, with an optional wildcard at its end.
    pub(crate) fn of(query: &chartly_path::Query) -> Option<Self> {
        if let Some(steps) = query.as_singular() {
            return Some(Self { steps: steps.to_vec(), takes_children: false }).filter(Self::is_forward);
        }
        let text = query.text();
        let before = text.strip_suffix("[*]").or_else(|| text.strip_suffix(".*"))?;
        let before = chartly_path::Query::parse(before).ok()?;
        Some(Self { steps: before.as_singular()?.to_vec(), takes_children: true }).filter(Self::is_forward)
    }

    /// Return whether no index counts from the end, which one pass can't resolve.
    fn is_forward(&self) -> bool {
        self.steps.iter().all(|step| !matches!(step, Step::Index(index) if *index < 0))
    }

    /// Return the places of the records in order; `None` when the pass gives up.
    pub(crate) fn records(&self, kernel: Kernel, page: &[u8]) -> Option<Vec<Span>> {
        u32::try_from(page.len()).ok()?;
        let mut pass = Pass::open(self, kernel, Box::new(page)).ok()?;
        let mut records = Vec::new();
        while pass.at_record().ok()? {
            let record = pass.window.skip().ok()?;
            records.push(Span::new(usize::try_from(record.start).ok()?, usize::try_from(record.end).ok()?));
        }
        Some(records)
    }
}

/// An open level of the path.
#[derive(Debug)]
struct Level {
    /// The keys of an object so far; `None` for an array.
    seen: Option<HashSet<String>>,
}

/// The position of the pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// After the bracket of the container that holds the records.
    First,
    /// After a record.
    Next,
    /// At the only record.
    One,
    /// After the records.
    Behind,
    /// At the end of a page that is strict JSON.
    Ended,
}

/// One pass over a page, record by record.
#[derive(Debug)]
pub(crate) struct Pass<'r> {
    pub(crate) window: TokenWindow<'r>,
    levels: Vec<Level>,
    stage: Stage,
}

impl<'r> Pass<'r> {
    /// Go to the first record, or give up.
    pub(crate) fn open(path: &ScanPath, kernel: Kernel, page: PageReader<'r>) -> Result<Self, GaveUp> {
        let mut pass = Self { window: TokenWindow::new(kernel, page)?, levels: Vec::new(), stage: Stage::Behind };
        pass.descend(path)?;
        Ok(pass)
    }

    /// Go to the next record, so that its first token is the next one. Return false when there is none and the page
    /// ends as strict JSON.
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

    /// Go to the next child of the innermost level, after its comma and key. Return false, and leave the level, when
    /// there is none.
    fn enter_child(&mut self) -> Result<bool, GaveUp> {
        let is_first = self.stage == Stage::First;
        let Some(level) = self.levels.last_mut() else { return Err(GaveUp) };
        let close = if level.seen.is_some() { b'}' } else { b']' };
        match self.window.kind(0)? {
            kind if kind == close => {
                self.window.at += 1;
                self.levels.pop();
                return Ok(false);
            }
            b',' if !is_first => self.window.at += 1,
            _ if is_first => {}
            _ => return Err(GaveUp),
        }
        if let Some(seen) = &mut level.seen
            && !seen.insert(self.window.key()?)
        {
            return Err(GaveUp);
        }
        Ok(true)
    }

    fn enter(&mut self, is_object: bool) {
        self.window.at += 1;
        self.levels.push(Level { seen: is_object.then(HashSet::new) });
        self.stage = Stage::First;
    }

    /// Go to the first record, or into the empty array. Where the path leads to none, the complete parser decides.
    fn descend(&mut self, path: &ScanPath) -> Result<(), GaveUp> {
        for step in &path.steps {
            let kind = self.window.kind(0)?;
            let is_object = matches!(step, Step::Name(_));
            if kind != if is_object { b'{' } else { b'[' } {
                return Err(GaveUp);
            }
            self.enter(is_object);
            if !self.find(step)? {
                return Err(GaveUp);
            }
        }
        match self.window.kind(0)? {
            b'[' => self.enter(false),
            b'{' if path.takes_children => {
                self.enter(true);
                if self.window.kind(0)? == b'}' {
                    return Err(GaveUp);
                }
            }
            _ if path.takes_children => return Err(GaveUp),
            _ => self.stage = Stage::One,
        }
        Ok(())
    }

    /// Go to the child that a step names. Return false, and leave the level, when there is none.
    fn find(&mut self, step: &Step) -> Result<bool, GaveUp> {
        let mut index = 0;
        while self.enter_child()? {
            self.stage = Stage::Next;
            let is_found = match step {
                Step::Name(name) => self.window.last_key == *name,
                Step::Index(wanted) => index == *wanted,
            };
            if is_found {
                return Ok(true);
            }
            self.window.skip()?;
            index += 1;
        }
        Ok(false)
    }

    /// Leave all levels, skip what is left in them, and check that the page ends.
    fn ascend(&mut self) -> Result<(), GaveUp> {
        while !self.levels.is_empty() {
            self.stage = Stage::Next;
            if self.enter_child()? {
                self.window.skip()?;
            }
        }
        self.window.finish()
    }
}
