//! A whole input in memory, over N threads: consecutive blocks, results in order, whatever N is. It streams nothing; a
//! driver of files uses [`crate::Worker`] itself.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::output::{Output, Rejected};
use crate::page::{Framing, Page};
use crate::place::Position;
use crate::plan::Plan;
use crate::worker::{Want, Worker};

/// Input bytes a block: large enough that taking one costs nothing, small enough that threads end together.
const BLOCK_BYTES: usize = 1 << 20;

/// Elements of a page that make a block, some 1 MiB of ordinary records.
const BLOCK_ELEMENTS: usize = 4096;

impl Plan {
    /// Runs an input of either framing. The outputs follow each other in input order and know their places.
    #[must_use]
    pub fn run(&self, input: &[u8], threads: usize, want: Want) -> Vec<Output> {
        match self.framing(input, true) {
            Some(Framing::Page) => match self.open_page(input) {
                Ok(page) => self.run_page(&page, threads, want),
                Err(rejected) => vec![Output::of_broken_page(input.len(), *rejected)],
            },
            _ => self.run_ndjson(input, threads, want),
        }
    }

    fn run_ndjson(&self, input: &[u8], threads: usize, want: Want) -> Vec<Output> {
        let blocks = split_lines(input, BLOCK_BYTES);
        let mut outputs = self.in_order(blocks.len(), threads, want, |worker, index, output| {
            // Mostly enough; grown step by step, the text would be copied, and its memory be made anew, at each doubling.
            output.text.reserve(blocks[index].len());
            worker.run_lines(blocks[index], output);
        });
        let mut start = Position::START;
        for output in &mut outputs {
            output.set_start(start);
            start = output.end();
        }
        outputs
    }

    fn run_page(&self, page: &Page<'_>, threads: usize, want: Want) -> Vec<Output> {
        // A page without elements still has bytes to count.
        let blocks = page.len().div_ceil(BLOCK_ELEMENTS).max(1);
        self.in_order(blocks, threads, want, |worker, index, output| {
            let first = index * BLOCK_ELEMENTS;
            worker.run_elements(page, first..(first + BLOCK_ELEMENTS).min(page.len()), output);
        })
    }

    /// Runs `blocks` jobs on as many threads as there is work for; the results stand in the jobs' order.
    fn in_order(
        &self,
        blocks: usize,
        threads: usize,
        want: Want,
        job: impl Fn(&mut Worker<'_>, usize, &mut Output) + Sync,
    ) -> Vec<Output> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(blocks));
        let work = || {
            let mut worker = self.worker(want);
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= blocks {
                    return;
                }
                let mut output = Output::default();
                job(&mut worker, index, &mut output);
                done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((index, output));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.min(blocks) {
                scope.spawn(work);
            }
            work();
        });
        let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        done.sort_unstable_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, output)| output).collect()
    }
}

impl Output {
    /// The one rejected record that a broken page is.
    #[must_use]
    pub fn of_broken_page(page_bytes: usize, rejected: Rejected) -> Self {
        let mut output = Self { is_absolute: true, ..Self::default() };
        output.counts.lines = 1;
        output.counts.bytes = page_bytes as u64;
        output.reject(rejected.place, rejected.reasons);
        output
    }
}

/// Splits NDJSON after line feeds, into blocks of about `block_bytes`.
#[must_use]
pub fn split_lines(input: &[u8], block_bytes: usize) -> Vec<&[u8]> {
    let mut blocks = Vec::with_capacity(input.len() / block_bytes.max(1) + 1);
    let mut rest = input;
    while !rest.is_empty() {
        let wanted = block_bytes.min(rest.len());
        let end = rest[wanted..].iter().position(|byte| *byte == b'\n').map_or(rest.len(), |place| wanted + place + 1);
        let (block, after) = rest.split_at(end);
        blocks.push(block);
        rest = after;
    }
    blocks
}
