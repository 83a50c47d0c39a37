//! Blocks of elements of a page in memory, and the one block of a malformed page.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use chartly_plan::{Output, Page, Rejected, Worker};

use crate::error::DriverError;
use crate::source::{Each, PIECE_BYTES, Source};
use crate::task::Task;

pub(crate) struct Elements<'p> {
    page: &'p Page<'p>,
    /// Elements of a block.
    per_block: usize,
    /// Elements of a piece.
    per_piece: usize,
    /// The number of blocks taken.
    next: AtomicUsize,
}

impl<'p> Elements<'p> {
    /// Split the page into blocks of about `block_bytes`.
    pub(crate) fn new(page: &'p Page<'p>, page_bytes: usize, block_bytes: usize) -> Self {
        let element_bytes = (page_bytes / page.len().max(1)).max(1);
        let per_block = (block_bytes / element_bytes).max(1);
        let per_piece = (PIECE_BYTES / element_bytes).max(1);
        Self { page, per_block, per_piece, next: AtomicUsize::new(0) }
    }
}

impl Source for Elements<'_> {
    fn take(&self, task: &mut Task) -> Result<bool, DriverError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let first = number * self.per_block;
        // A page without elements is still one block, as its bytes are counted with the first block.
        if first >= self.page.len() && number > 0 {
            return Ok(false);
        }
        task.number = number as u64;
        task.elements = first..(first + self.per_block).min(self.page.len());
        Ok(true)
    }

    fn run(&self, worker: &mut Worker<'_>, task: &mut Task, each: &mut Each<'_>) -> Result<(), DriverError> {
        let mut first = task.elements.start;
        // A block without elements is still one piece, for its page's bytes.
        loop {
            let end = (first + self.per_piece).min(task.elements.end);
            let output = task.outputs.add();
            worker.run_elements(self.page, first..end, output);
            each(output)?;
            if end == task.elements.end {
                return Ok(());
            }
            first = end;
        }
    }
}

/// A page that is malformed: one rejected record.
pub(crate) struct Broken {
    page_bytes: usize,
    rejected: Mutex<Option<Rejected>>,
}

impl Broken {
    pub(crate) fn new(page_bytes: usize, rejected: Rejected) -> Self {
        Self { page_bytes, rejected: Mutex::new(Some(rejected)) }
    }
}

impl Source for Broken {
    fn take(&self, task: &mut Task) -> Result<bool, DriverError> {
        let Some(rejected) = self.rejected.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(false);
        };
        task.number = 0;
        *task.outputs.add() = Output::of_malformed_page(self.page_bytes, rejected);
        Ok(true)
    }

    fn run(&self, _: &mut Worker<'_>, task: &mut Task, each: &mut Each<'_>) -> Result<(), DriverError> {
        task.outputs.iter().try_for_each(each)
    }
}
