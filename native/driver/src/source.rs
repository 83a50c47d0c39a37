//! What a pipeline takes blocks from. Blocks are numbered from zero without gaps, in the input's order.

use chartly_plan::Worker;

use crate::error::DriverError;
use crate::task::Task;

/// Gives blocks to many threads.
pub(crate) trait Source: Sync {
    /// Fills the task with the next block; false when the input has ended.
    fn take(&self, task: &mut Task) -> Result<bool, DriverError>;

    /// Runs the block's records.
    fn run(&self, worker: &mut Worker<'_>, task: &mut Task);
}
