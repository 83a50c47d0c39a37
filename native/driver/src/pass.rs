//! Blocks of a page that is run as it is read, in one pass and by one thread: half the cost of opening it first, and a window of it in
//! memory. It writes nothing back; whether the page was sound is known at its end, and before that no file has appeared.

use std::sync::{Mutex, PoisonError};

use chartly_plan::{PagePass, Passed, Worker};

use crate::error::DriverError;
use crate::options::Input;
use crate::source::{Each, PIECE_BYTES, Source};
use crate::task::Task;

/// How far the pass is.
struct Progress<'p> {
    pass: PagePass<'p>,
    blocks: u64,
    passed: Passed,
}

pub(crate) struct OnePass<'p> {
    /// Held for as long as a block runs: there is one thread.
    progress: Mutex<Progress<'p>>,
    block_bytes: usize,
    input: &'p Input,
    page_bytes_max: u64,
}

impl<'p> OnePass<'p> {
    pub(crate) fn new(pass: PagePass<'p>, block_bytes: usize, input: &'p Input, page_bytes_max: u64) -> Self {
        let progress = Mutex::new(Progress { pass, blocks: 0, passed: Passed::More });
        Self { progress, block_bytes, input, page_bytes_max }
    }

    /// Whether all of the page was read and is sound; if not, what came of it is to be forgotten.
    pub(crate) fn is_sound(&self) -> bool {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).passed == Passed::Ended
    }
}

impl Source for OnePass<'_> {
    fn take(&self, task: &mut Task) -> Result<bool, DriverError> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        task.number = progress.blocks;
        progress.blocks += 1;
        Ok(progress.passed == Passed::More)
    }

    fn run(&self, worker: &mut Worker<'_>, task: &mut Task, each: &mut Each<'_>) -> Result<(), DriverError> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..self.block_bytes.div_ceil(PIECE_BYTES) {
            let output = task.outputs.add();
            progress.passed = worker.run_pass(&mut progress.pass, PIECE_BYTES, output);
            if let Some(source) = progress.pass.take_failure() {
                return Err(DriverError::input(self.input.path(), source));
            }
            if progress.passed == Passed::Ended && progress.pass.bytes_read() > self.page_bytes_max {
                return Err(DriverError::PageTooLarge {
                    path: self.input.path().to_owned(),
                    bytes_max: self.page_bytes_max,
                });
            }
            each(output)?;
            if progress.passed != Passed::More {
                break;
            }
        }
        Ok(())
    }
}
