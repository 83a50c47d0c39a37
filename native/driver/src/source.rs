//! The source of a pipeline's blocks. Blocks are numbered from zero without gaps, in the input's order.

use chartly_plan::{Output, Worker};

use crate::error::DriverError;
use crate::task::Task;

/// Provides blocks to several threads.
pub(crate) trait Source: Sync {
    /// Fill the task with the next block. Return false at the end of the input.
    fn take(&self, task: &mut Task) -> Result<bool, DriverError>;

    /// Run the block's records, piece by piece. `each` is called with every piece right after it ran, while it is in
    /// the CPU's cache: encoding columns reads a piece's text several times.
    fn run(&self, worker: &mut Worker<'_>, task: &mut Task, each: &mut Each<'_>) -> Result<(), DriverError>;
}

/// The function that is called with each piece.
pub(crate) type Each<'e> = dyn FnMut(&Output) -> Result<(), DriverError> + 'e;

/// Input bytes of a piece: with its output, half of a core's second-level cache.
pub(crate) const PIECE_BYTES: usize = 256 << 10;
