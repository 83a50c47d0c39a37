//! What a pipeline takes blocks from. Blocks are numbered from zero without gaps, in the input's order.

use chartly_plan::{Output, Worker};

use crate::error::DriverError;
use crate::task::Task;

/// Gives blocks to many threads.
pub(crate) trait Source: Sync {
    /// Fills the task with the next block; false when the input has ended.
    fn take(&self, task: &mut Task) -> Result<bool, DriverError>;

    /// Runs the block's records, piece by piece. `each` is given every piece right after it was run, while the CPU's cache has it: columns
    /// go over a piece's text again and again.
    fn run(&self, worker: &mut Worker<'_>, task: &mut Task, each: &mut Each<'_>) -> Result<(), DriverError>;
}

/// What is done with each piece.
pub(crate) type Each<'e> = dyn FnMut(&Output) -> Result<(), DriverError> + 'e;

/// Bytes of input in a piece: with its output, half of a core's second-level cache.
pub(crate) const PIECE_BYTES: usize = 256 << 10;
