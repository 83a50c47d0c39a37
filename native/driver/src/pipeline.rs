//! N threads from a source to a sink: blocks are run as they come and written in their order.
//!
//! A thread that has run its block puts it down and takes the next; whoever puts down the block that is next in order writes it and all that
//! follow it. The number of tasks bounds memory, and how far the fastest thread can run ahead.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use chartly_pages::Schema;
use chartly_plan::{PageColumns, Plan, Want, Worker};

use crate::error::DriverError;
use crate::options::{Cancel, Format};
use crate::sink::Sink;
use crate::source::Source;
use crate::task::{Outputs, Task};

pub(crate) struct Pipeline<'p, S> {
    pub(crate) plan: &'p Plan,
    pub(crate) source: &'p S,
    /// Those of the Parquet file, where one is written.
    pub(crate) columns: Option<Schema>,
    pub(crate) format: Format,
    pub(crate) threads: usize,
    pub(crate) cancel: &'p Cancel,
}

/// Where blocks wait. Guarded by one lock, held for moments only: neither running nor writing happens under it.
struct Desk {
    free: Vec<Task>,
    ready: BTreeMap<u64, Task>,
    /// Number of the block that is written next.
    next: u64,
    /// Gone while a thread writes.
    sink: Option<Sink>,
    /// The first failure; all threads stop at it.
    failed: Option<DriverError>,
}

impl<S: Source> Pipeline<'_, S> {
    /// Runs the source to its end and gives the sink back.
    pub(crate) fn run(&self, sink: Sink) -> Result<Sink, DriverError> {
        // One task a thread, and one more for those that wait for their turn.
        let tasks = if self.threads == 1 { 1 } else { self.threads + 1 + self.threads / 2 };
        let keeps_last_only = !self.format.has_ndjson();
        let row_group = || self.columns.as_ref().map(|columns| self.plan.page_columns(columns));
        let task = || Task { outputs: Outputs::new(keeps_last_only), row_group: row_group(), ..Task::default() };
        let free = std::iter::repeat_with(task).take(tasks).collect();
        let desk = Desk { free, ready: BTreeMap::new(), next: 0, sink: Some(sink), failed: None };
        let (desk, changed) = (Mutex::new(desk), Condvar::new());
        let work = |thread| {
            if let Err(error) = self.work(thread, &desk, &changed) {
                lock(&desk).failed.get_or_insert(error);
                changed.notify_all();
            }
        };
        std::thread::scope(|scope| {
            for thread in 1..self.threads {
                scope.spawn(move || work(thread));
            }
            work(0);
        });
        let desk = desk.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (desk.failed, desk.sink) {
            (None, Some(sink)) => Ok(sink),
            (Some(error), _) => Err(error),
            (None, None) => Err(DriverError::Columns("a thread ended while it wrote".to_owned())),
        }
    }

    fn work(&self, thread: usize, desk: &Mutex<Desk>, changed: &Condvar) -> Result<(), DriverError> {
        let mut worker = self.plan.worker(Want { columns: self.columns.is_some() });
        while let Some(mut task) = take_free(thread, desk, changed) {
            if self.cancel.is_cancelled() {
                return Err(DriverError::Cancelled);
            }
            if !self.source.take(&mut task)? {
                break;
            }
            self.run_task(&mut worker, &mut task)?;
            deliver(desk, changed, task)?;
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

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    // A thread that panicked ends the run by its scope; what it held of the desk is whole.
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A free task, waited for while all are on their way; none once a thread has failed. One that this thread has run before, if there is one:
/// the memory is in its core's cache, and would have to be fetched from another's.
fn take_free(thread: usize, desk: &Mutex<Desk>, changed: &Condvar) -> Option<Task> {
    let mut desk = lock(desk);
    loop {
        if desk.failed.is_some() {
            return None;
        }
        let own = desk.free.iter().rposition(|task| task.last_thread == thread);
        if let Some(last) = desk.free.len().checked_sub(1) {
            let mut task = desk.free.swap_remove(own.unwrap_or(last));
            task.last_thread = thread;
            return Some(task);
        }
        desk = changed.wait(desk).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Puts a block down, and writes what is next in order unless another thread does already.
fn deliver(desk: &Mutex<Desk>, changed: &Condvar, task: Task) -> Result<(), DriverError> {
    let mut held = lock(desk);
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
        held = lock(desk);
        held.next += 1;
        held.sink = Some(sink);
        held.free.push(task);
        changed.notify_one();
    }
    Ok(())
}
