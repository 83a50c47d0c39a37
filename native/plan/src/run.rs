//! Run a whole input in memory on several threads. Results are in input order and independent of the number of threads.
//! A program that reads files uses [`crate::Worker`] itself.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::output::{Output, Rejected};
use crate::page::{Framing, Page};
use crate::place::Position;
use crate::plan::Plan;
use crate::worker::{RunOptions, Worker};

/// Input bytes of a block: large enough that taking one costs nothing, small enough that threads end at about the same
/// time.
const BLOCK_BYTES: usize = 1 << 20;

/// Elements of a page that make a block, about 1 MiB of ordinary records.
const BLOCK_ELEMENTS: usize = 4096;

impl Plan {
    /// Run an input of either framing. The outputs are in input order and have their places.
    #[must_use]
    pub fn run(&self, input: &[u8], threads: usize, want: RunOptions) -> Vec<Output> {
        match self.framing(input, true) {
            Some(Framing::Page) => match self.open_page(input) {
                Ok(page) => self.run_page(&page, threads, want),
                Err(rejected) => vec![Output::of_malformed_page(input.len(), *rejected)],
            },
            _ => self.run_ndjson(input, threads, want),
        }
    }

    fn run_ndjson(&self, input: &[u8], threads: usize, want: RunOptions) -> Vec<Output> {
        let blocks = split_lines(input, BLOCK_BYTES);
        let mut outputs = self.in_order(blocks.len(), threads, want, |worker, index, output| {
            // This is enough for most blocks. Growing step by step would copy the text at each doubling.
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

    fn run_page(&self, page: &Page<'_>, threads: usize, want: RunOptions) -> Vec<Output> {
        // A page without elements still has bytes that must be counted.
        let blocks = page.len().div_ceil(BLOCK_ELEMENTS).max(1);
        self.in_order(blocks, threads, want, |worker, index, output| {
            let first = index * BLOCK_ELEMENTS;
            worker.run_elements(page, first..(first + BLOCK_ELEMENTS).min(page.len()), output);
        })
    }

    /// Run `blocks` jobs on at most `threads` threads. The results are in the order of the jobs.
    fn in_order(
        &self,
        blocks: usize,
        threads: usize,
        want: RunOptions,
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
    /// Return the output of a malformed page: one rejected record.
    #[must_use]
    pub fn of_malformed_page(page_bytes: usize, rejected: Rejected) -> Self {
        let mut output = Self { is_absolute: true, ..Self::default() };
        output.counts.lines = 1;
        output.counts.bytes = page_bytes as u64;
        output.reject(rejected.place, rejected.reasons);
        output
    }
}

/// Split NDJSON after line feeds, into blocks of about `block_bytes`.
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
