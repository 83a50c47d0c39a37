//! Blocks of a page that runs while it is read. That costs half as much as opening the page first, and only a window is
//! in memory.
//!
//! A single thread runs records where it finds them. Of several threads, one at a time finds records and all run them.
//! Whether the page is valid is known only at its end; no file appears before.

use std::sync::{Mutex, PoisonError};

use chartly_plan::{PagePass, PassState, Worker};

use crate::error::DriverError;
use crate::options::{Input, Options};
use crate::source::{Each, PIECE_BYTES, Source};
use crate::task::Task;

/// The state of the pass.
struct Progress<'p> {
    pass: PagePass<'p>,
    blocks: u64,
    passed: PassState,
}

impl Progress<'_> {
    /// Return whether reading the page has succeeded so far; an error when it failed or the page is too long.
    fn check(&mut self, input: &Input, page_bytes_max: u64) -> Result<(), DriverError> {
        if let Some(source) = self.pass.take_failure() {
            return Err(DriverError::input(input.path(), source));
        }
        if self.passed == PassState::Ended && self.pass.bytes_read() > page_bytes_max {
            return Err(DriverError::PageTooLarge { path: input.path().to_owned(), bytes_max: page_bytes_max });
        }
        Ok(())
    }
}

pub(crate) struct OnePass<'p> {
    /// Locked while records are found; on a single thread, also while they run.
    progress: Mutex<Progress<'p>>,
    /// The number of pieces of a block.
    pieces: usize,
    is_shared: bool,
    input: &'p Input,
    page_bytes_max: u64,
}

impl<'p> OnePass<'p> {
    pub(crate) fn new(pass: PagePass<'p>, block_bytes: usize, options: &'p Options) -> Self {
        Self {
            progress: Mutex::new(Progress { pass, blocks: 0, passed: PassState::More }),
            pieces: block_bytes.div_ceil(PIECE_BYTES),
            is_shared: options.threads > 1,
            input: &options.input,
            page_bytes_max: options.page_bytes_max,
        }
    }

    /// Return whether all of the page was read and is valid. If not, the results must be dropped.
    pub(crate) fn is_sound(&self) -> bool {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).passed == PassState::Ended
    }
}

impl Source for OnePass<'_> {
    fn take(&self, task: &mut Task) -> Result<bool, DriverError> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = &mut *progress;
        let has_more = progress.passed == PassState::More;
        task.number = progress.blocks;
        progress.blocks += 1;
        task.parts.used = 0;
        while self.is_shared && progress.passed == PassState::More && task.parts.used < self.pieces {
            progress.passed = progress.pass.take_part(PIECE_BYTES, task.parts.add());
            progress.check(self.input, self.page_bytes_max)?;
        }
        Ok(has_more)
    }

    fn run(&self, worker: &mut Worker<'_>, task: &mut Task, each: &mut Each<'_>) -> Result<(), DriverError> {
        if self.is_shared {
            for part in &task.parts.all[..task.parts.used] {
                let output = task.outputs.add();
                worker.run_elements(part, 0..part.len(), output);
                each(output)?;
            }
            return Ok(());
        }
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..self.pieces {
            let output = task.outputs.add();
            progress.passed = worker.run_pass(&mut progress.pass, PIECE_BYTES, output);
            progress.check(self.input, self.page_bytes_max)?;
            each(output)?;
            if progress.passed != PassState::More {
                break;
            }
        }
        Ok(())
    }
}
