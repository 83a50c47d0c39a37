//! One block of input with its memory, from the source to the sink. Tasks are reused for later blocks.

use std::ops::Range;

use chartly_plan::{Counts, Output, Page, PageColumns, Position};

/// A line longer than any record may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Oversized {
    /// The length without the line ending.
    pub(crate) length: u64,
    /// The length with it.
    pub(crate) line_bytes: u64,
}

/// A block, its records and its output.
#[derive(Default)]
pub(crate) struct Task {
    /// The thread that ran the last block of this task.
    pub(crate) last_thread: usize,
    /// The block's number in order.
    pub(crate) number: u64,
    /// The start of the block in the input.
    pub(crate) start: Position,
    /// The memory of a block of lines; only the first `input_bytes` belong to this block.
    pub(crate) input: Vec<u8>,
    pub(crate) input_bytes: usize,
    /// A line that is a block by itself and that is not stored.
    pub(crate) oversized: Option<Oversized>,
    /// The elements of a page, for a block of elements.
    pub(crate) elements: Range<usize>,
    /// The pieces of a page, for a block of pieces.
    pub(crate) parts: Parts,
    /// The outputs of the block's pieces.
    pub(crate) outputs: Outputs,
    /// Lines of `rejected.ndjson`.
    pub(crate) rejected: Vec<u8>,
    /// The encoded columns of accepted records, if columns are written.
    pub(crate) row_group: Option<PageColumns>,
}

impl Task {
    /// Remove the records. Memory is kept.
    pub(crate) fn clear(&mut self) {
        self.outputs.clear();
        self.rejected.clear();
        if let Some(columns) = &mut self.row_group {
            columns.clear();
        }
    }
}

/// The pieces of a page. Memory is kept for the next block.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) all: Vec<Page<'static>>,
    pub(crate) used: usize,
}

impl Parts {
    /// Return an empty page for the next piece.
    pub(crate) fn add(&mut self) -> &mut Page<'static> {
        if self.used == self.all.len() {
            self.all.push(Page::default());
        }
        self.used += 1;
        &mut self.all[self.used - 1]
    }
}

/// The outputs of a block's pieces. Memory is kept for the next block.
#[derive(Default)]
pub(crate) struct Outputs {
    all: Vec<Output>,
    used: usize,
    /// Whether only the last output is kept, and only the counts of earlier ones. Where no lines are written, each
    /// piece then reuses memory that is still in the CPU's cache.
    keeps_last_only: bool,
    /// Counts of the outputs that were not kept.
    forgotten: Counts,
}

impl Outputs {
    pub(crate) fn new(keeps_last_only: bool) -> Self {
        Self { keeps_last_only, ..Self::default() }
    }

    /// Return an empty output for the next piece.
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

    /// Remove the records. Memory is kept.
    pub(crate) fn clear(&mut self) {
        self.all[..self.used].iter_mut().for_each(Output::clear);
        self.used = 0;
        self.forgotten = Counts::default();
    }

    /// Return the kept outputs in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Output> {
        self.all[..self.used].iter()
    }

    /// Return the counts of all pieces.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = self.forgotten;
        self.iter().for_each(|output| counts += output.counts());
        counts
    }
}
