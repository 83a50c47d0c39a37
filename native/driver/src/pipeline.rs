//! Run blocks of a source on several threads and write them to a sink in their order.
//!
//! A thread that has run its block delivers it and takes the next one. The thread that delivers the next block in order
//! writes it, and all following blocks that are ready. The number of tasks bounds memory and how far a fast thread may
//! run ahead.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use chartly_pages::Schema;
use chartly_plan::{PageColumns, Plan, RunOptions, Worker};

use crate::error::DriverError;
use crate::options::{Cancel, Format};
use crate::sink::Sink;
use crate::source::Source;
use crate::task::{Outputs, Task};

pub(crate) struct Pipeline<'p, S> {
    pub(crate) plan: &'p Plan,
    pub(crate) source: &'p S,
    /// The columns of the Parquet file, if one is written.
    pub(crate) columns: Option<Schema>,
    pub(crate) format: Format,
    pub(crate) threads: usize,
    pub(crate) cancel: &'p Cancel,
}

/// Blocks that are ready to be written. The lock is held only briefly: neither running nor writing happens under it.
struct WriteQueue {
    free: Vec<Task>,
    ready: BTreeMap<u64, Task>,
    /// The number of the next block to write.
    next: u64,
    /// The sink; `None` while a thread writes.
    sink: Option<Sink>,
    /// The first error; all threads stop at it.
    failed: Option<DriverError>,
}

impl<S: Source> Pipeline<'_, S> {
    /// Run the source to its end and return the sink back.
    pub(crate) fn run(&self, sink: Sink) -> Result<Sink, DriverError> {
        // One task a thread, and one more for blocks that wait to be written.
        let tasks = if self.threads == 1 { 1 } else { self.threads + 1 + self.threads / 2 };
        let keeps_last_only = !self.format.has_ndjson();
        let row_group = || self.columns.as_ref().map(|columns| self.plan.page_columns(columns));
        let task = || Task { outputs: Outputs::new(keeps_last_only), row_group: row_group(), ..Task::default() };
        let free = std::iter::repeat_with(task).take(tasks).collect();
        let queue = WriteQueue { free, ready: BTreeMap::new(), next: 0, sink: Some(sink), failed: None };
        let (queue, changed) = (Mutex::new(queue), Condvar::new());
        let work = |thread| {
            if let Err(error) = self.work(thread, &queue, &changed) {
                lock(&queue).failed.get_or_insert(error);
                changed.notify_all();
            }
        };
        std::thread::scope(|scope| {
            for thread in 1..self.threads {
                scope.spawn(move || work(thread));
            }
            work(0);
        });
        let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (queue.failed, queue.sink) {
            (None, Some(sink)) => Ok(sink),
            (Some(error), _) => Err(error),
            (None, None) => Err(DriverError::Columns("a thread ended while it was writing".to_owned())),
        }
    }

    fn work(&self, thread: usize, queue: &Mutex<WriteQueue>, changed: &Condvar) -> Result<(), DriverError> {
        let mut worker = self.plan.worker(RunOptions { columns: self.columns.is_some() });
        while let Some(mut task) = take_free(thread, queue, changed) {
            if self.cancel.is_cancelled() {
                return Err(DriverError::Cancelled);
            }
            if !self.source.take(&mut task)? {
                break;
            }
            self.run_task(&mut worker, &mut task)?;
            deliver(queue, changed, task)?;
        }
        Ok(())
    }

    fn run_task(&self, worker: &mut Worker<'_>, task: &mut Task) -> Result<(), DriverError> {
        let mut rejected = std::mem::take(&mut task.rejected);
        let mut columns = task.row_group.take();
        self.source.run(worker, task, &mut |output| {
            if self.format.has_rejected() {
                output.write_rejected_ndjson(&mut rejected);
            }
            Ok(columns.as_mut().map_or(Ok(()), |columns| columns.add(output))?)
        })?;
        task.rejected = rejected;
        columns.as_mut().map_or(Ok(()), PageColumns::finish)?;
        task.row_group = columns;
        Ok(())
    }
}

fn lock(queue: &Mutex<WriteQueue>) -> MutexGuard<'_, WriteQueue> {
    // A thread that panicked ends the run through its scope, and the queue's state is consistent.
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Return a free task. Wait while all are in use; return `None` once a thread has failed.
///
/// It prefers a task that this thread has run before: the task's memory is in the cache of this core.
fn take_free(thread: usize, queue: &Mutex<WriteQueue>, changed: &Condvar) -> Option<Task> {
    let mut queue = lock(queue);
    loop {
        if queue.failed.is_some() {
            return None;
        }
        let own = queue.free.iter().rposition(|task| task.last_thread == thread);
        if let Some(last) = queue.free.len().checked_sub(1) {
            let mut task = queue.free.swap_remove(own.unwrap_or(last));
            task.last_thread = thread;
            return Some(task);
        }
        queue = changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Deliver a block, and write the next blocks in order unless another thread is writing.
fn deliver(queue: &Mutex<WriteQueue>, changed: &Condvar, task: Task) -> Result<(), DriverError> {
    let mut held = lock(queue);
    held.ready.insert(task.number, task);
    while let Some(mut sink) = held.sink.take() {
        let next = held.next;
        let Some(mut task) = held.ready.remove(&next) else {
            held.sink = Some(sink);
            return Ok(());
        };
        drop(held);
        sink.write(&mut task)?;
        task.clear();
        held = lock(queue);
        held.next += 1;
        held.sink = Some(sink);
        held.free.push(task);
        changed.notify_one();
    }
    Ok(())
}
