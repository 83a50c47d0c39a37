//! Where the records of a page lie, in one pass over its tokens and without a tree. It accepts a page only when all of it
//! is strict JSON; whatever it isn't sure of, it gives up on, and the complete parser decides.
//!
//! Only the levels that the path leads through are followed step by step. What hangs off them (a record, a value beside the
//! way) is walked as a whole within a window of tokens; when the window ends too early, the next one starts there.

use std::collections::HashSet;

use chartly_json::Span;
use chartly_json::scan::Kernel;
use chartly_path::Step;

use super::gave_up::GaveUp;
use super::tape::{PageReader, Tape};

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
    pub(crate) fn records(&self, kernel: Kernel, page: &[u8]) -> Option<Vec<Span>> {
        u32::try_from(page.len()).ok()?;
        let mut pass = Pass::open(self, kernel, Box::new(page)).ok()?;
        let mut records = Vec::new();
        while pass.at_record().ok()? {
            let record = pass.tape.skip().ok()?;
            records.push(Span::new(usize::try_from(record.start).ok()?, usize::try_from(record.end).ok()?));
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
pub(crate) struct Pass<'r> {
    pub(crate) tape: Tape<'r>,
    levels: Vec<Level>,
    stage: Stage,
}

impl<'r> Pass<'r> {
    /// Goes to the first record; gives up on a page that this pass can't tell about.
    pub(crate) fn open(way: &Way, kernel: Kernel, page: PageReader<'r>) -> Result<Self, GaveUp> {
        let mut pass = Self { tape: Tape::new(kernel, page)?, levels: Vec::new(), stage: Stage::Behind };
        pass.descend(way)?;
        Ok(pass)
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
