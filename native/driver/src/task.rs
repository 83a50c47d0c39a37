//! One block of input on its way from the source to the sink, with the memory that it needs. Used again for later blocks.

use std::ops::Range;

use chartly_plan::{Counts, Output, Page, PageColumns, Position};

/// A line longer than any record may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Oversized {
    /// Bytes without the line's end.
    pub(crate) length: u64,
    /// Bytes with it.
    pub(crate) line_bytes: u64,
}

/// A block, its records and what is written of them.
#[derive(Default)]
pub(crate) struct Task {
    /// The thread that ran the block before.
    pub(crate) last_thread: usize,
    /// The block's place in the order of blocks.
    pub(crate) number: u64,
    /// Where the block begins in the input.
    pub(crate) start: Position,
    /// Memory of a block of lines; only the first `input_bytes` are of this block.
    pub(crate) input: Vec<u8>,
    pub(crate) input_bytes: usize,
    /// A line that is a block by itself, and of which nothing is held.
    pub(crate) oversized: Option<Oversized>,
    /// Elements of a page, for a block of those.
    pub(crate) elements: Range<usize>,
    /// Pieces of a page, for a block of those.
    pub(crate) parts: Parts,
    /// What the block's pieces gave.
    pub(crate) outputs: Outputs,
    /// Lines of `rejected.ndjson`.
    pub(crate) rejected: Vec<u8>,
    /// Encoded columns of the accepted records, where columns are written.
    pub(crate) row_group: Option<PageColumns>,
}

impl Task {
    /// Forgets the records and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.outputs.clear();
        self.rejected.clear();
        if let Some(columns) = &mut self.row_group {
            columns.clear();
        }
    }
}

/// Pieces of a page, with memory that stays for the next block.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) all: Vec<Page<'static>>,
    pub(crate) used: usize,
}

impl Parts {
    /// Room for the next piece.
    pub(crate) fn add(&mut self) -> &mut Page<'static> {
        if self.used == self.all.len() {
            self.all.push(Page::default());
        }
        self.used += 1;
        &mut self.all[self.used - 1]
    }
}

/// Outputs of the pieces of a block, with memory that stays for the next block.
#[derive(Default)]
pub(crate) struct Outputs {
    all: Vec<Output>,
    used: usize,
    /// Whether only the last output is kept, and of those before it the counts: where no lines are written, each piece can use the memory
    /// that the CPU's cache still has of the one before.
    keeps_last_only: bool,
    /// Counts of the outputs that were not kept.
    forgotten: Counts,
}

impl Outputs {
    pub(crate) fn new(keeps_last_only: bool) -> Self {
        Self { keeps_last_only, ..Self::default() }
    }

    /// An empty output for the next piece.
    pub(crate) fn add(&mut self) -> &mut Output {
        if self.keeps_last_only && self.used == 1 {
            self.forgotten += self.all[0].counts();
            self.all[0].clear();
            return &mut self.all[0];
        }
        if self.used == self.all.len() {
            self.all.push(Output::default());
        }
        self.used += 1;
        &mut self.all[self.used - 1]
    }

    /// Forgets the records and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.all[..self.used].iter_mut().for_each(Output::clear);
        self.used = 0;
        self.forgotten = Counts::default();
    }

    /// The pieces in order, those that were kept.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Output> {
        self.all[..self.used].iter()
    }

    /// What all pieces held.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = self.forgotten;
        self.iter().for_each(|output| counts += output.counts());
        counts
    }
}
