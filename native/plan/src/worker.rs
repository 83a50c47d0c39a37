//! One thread's run over blocks of lines and over elements of pages: finds the records, runs them, keeps the places.
//! It owns the memory that a run needs again and again, and reads no files.

use std::ops::Range;

use chartly_json::Span;
use chartly_json::scan::{Tokens, scan_lines, scan_text};

use crate::fused::{Memory, Program, Record};
use crate::output::Output;
use crate::page::Page;
use crate::place::Place;
use crate::plan::Plan;
use crate::reason::Reason;

/// Bytes scanned at a time: their tokens (some 9 bytes for every 3 of input) stay in a 1 MiB second-level cache.
const WINDOW_BYTES: usize = 64 << 10;

/// Readable bytes after every record, so that short values can be copied by whole registers.
pub(crate) const PADDING_BYTES: usize = 64;

/// What a run shall give besides records and reasons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Want {
    /// Keep what [`Plan::accepted_batch`] needs.
    pub columns: bool,
}

/// Runs a plan on one thread.
#[derive(Debug)]
pub struct Worker<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) keep_cells: bool,
    memory: Option<Memory>,
    tokens: Tokens,
    padded: Vec<u8>,
}

impl Plan {
    /// A worker for one thread.
    #[must_use]
    pub fn worker(&self, want: Want) -> Worker<'_> {
        Worker {
            plan: self,
            keep_cells: want.columns || !self.dedupe.is_empty(),
            memory: self.program.as_ref().and_then(Program::memory),
            tokens: Tokens::default(),
            padded: Vec::new(),
        }
    }
}

impl Worker<'_> {
    /// Runs a block of NDJSON and appends to `output`. The block starts at a line's begin; its last line may lack the line
    /// feed only when the input ends there.
    pub fn run_lines(&mut self, block: &[u8], output: &mut Output) {
        let mut tokens = std::mem::take(&mut self.tokens);
        let mut padded = std::mem::take(&mut self.padded);
        let (mut start, mut window) = (0, WINDOW_BYTES);
        while start < block.len() {
            let rest = &block[start..];
            let is_last = rest.len() <= window + PADDING_BYTES;
            let piece = if is_last {
                padded.clear();
                padded.extend_from_slice(rest);
                padded.resize(rest.len() + PADDING_BYTES, b'\n');
                &padded[..]
            } else {
                &rest[..window + PADDING_BYTES]
            };
            let used = self.run_piece(piece, is_last, start, &mut tokens, output);
            start += used;
            window = if used == 0 { window * 2 } else { WINDOW_BYTES };
            if window > self.plan.limits.bytes_max.saturating_add(WINDOW_BYTES) {
                start += self.run_endless_line(rest, start, output);
                window = WINDOW_BYTES;
            }
        }
        output.counts.bytes += block.len() as u64;
        (self.tokens, self.padded) = (tokens, padded);
        output.seal(self.plan);
    }

    /// Runs the whole lines of a piece, which has padding behind it; gives the bytes that they take.
    fn run_piece(
        &mut self,
        padded: &[u8],
        is_last: bool,
        offset: usize,
        tokens: &mut Tokens,
        output: &mut Output,
    ) -> usize {
        let piece = &padded[..padded.len() - PADDING_BYTES];
        scan_lines(piece, tokens);
        let (positions, kinds) = (tokens.positions(), tokens.kinds());
        let mut suspects = tokens.suspects();
        let (mut line_start, mut first) = (0, 0);
        while line_start < piece.len() {
            // The sentinels are line feeds, so there is always one.
            let count = kinds[first..].iter().position(|kind| *kind == b'\n').unwrap_or(0);
            let end_token = first + count;
            if end_token >= tokens.count() && !is_last {
                break;
            }
            let line_end = positions[end_token] as usize;
            output.counts.lines += 1;
            if count == 0 {
                output.counts.blank_lines += 1;
            } else {
                let length = line_end - line_start - usize::from(piece[line_end - 1] == b'\r');
                let line = output.counts.lines;
                let place_offset = (offset + line_start) as u64 + output.counts.bytes;
                let place = Place { line, offset: place_offset, length: length as u64 };
                let is_suspect = has_suspect(&mut suspects, line_end);
                let record = Record { padded, tokens, first_token: first, end_token, length };
                if is_suspect || !self.run_fused(record, place, output) {
                    self.run_complete(&piece[line_start..line_start + length], place, output);
                }
            }
            line_start = line_end + 1;
            first = end_token + 1;
        }
        line_start.min(piece.len())
    }

    #[inline(always)]
    fn run_fused(&mut self, record: Record<'_>, place: Place, output: &mut Output) -> bool {
        let (Some(program), Some(memory)) = (&self.plan.program, &mut self.memory) else { return false };
        record.length <= self.plan.limits.bytes_max
            && program.run(self.plan, memory, record, place, self.keep_cells, output)
    }

    /// A line longer than any record may be, of which only the end matters; gives the bytes that it takes.
    fn run_endless_line(&mut self, rest: &[u8], offset: usize, output: &mut Output) -> usize {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let length = end - usize::from(rest[..end].ends_with(b"\r"));
        output.counts.lines += 1;
        let place =
            Place { line: output.counts.lines, offset: offset as u64 + output.counts.bytes, length: length as u64 };
        self.run_complete(&rest[..length], place, output);
        (end + 1).min(rest.len())
    }

    /// Runs elements of a page and appends to `output`.
    pub fn run_elements(&mut self, page: &Page<'_>, elements: Range<usize>, output: &mut Output) {
        let mut tokens = std::mem::take(&mut self.tokens);
        let mut padded = std::mem::take(&mut self.padded);
        output.is_absolute = true;
        if elements.start == 0 {
            output.counts.bytes += page.bytes.len() as u64;
        }
        let mut first = elements.start;
        while first < elements.end {
            let after = group_end(&page.elements[..elements.end], first);
            let (start, end) = (page.elements[first].start as usize, page.elements[after - 1].end as usize);
            let piece = match page.bytes.get(start..end + PADDING_BYTES) {
                Some(piece) => piece,
                None => {
                    padded.clear();
                    padded.extend_from_slice(&page.bytes[start..end]);
                    padded.resize(end - start + PADDING_BYTES, b'\n');
                    &padded[..]
                }
            };
            scan_text(&piece[..end - start], &mut tokens);
            self.run_group(page, first..after, piece, &tokens, output);
            first = after;
        }
        (self.tokens, self.padded) = (tokens, padded);
        output.seal(self.plan);
    }

    /// Runs elements that lie one after another in a scanned piece.
    fn run_group(&mut self, page: &Page<'_>, group: Range<usize>, padded: &[u8], tokens: &Tokens, output: &mut Output) {
        let base = page.elements[group.start].start;
        let mut suspects = tokens.suspects();
        let mut token = 0;
        for index in group {
            let span = page.elements[index];
            let place = Place { line: index as u64 + 1, offset: u64::from(span.start), length: span.len() as u64 };
            output.counts.lines += 1;
            let (start, end) = (span.start - base, span.end - base);
            token += tokens.positions()[token..].iter().take_while(|position| **position < start).count();
            let first_token = token;
            token += tokens.positions()[token..tokens.count()].iter().take_while(|position| **position < end).count();
            let is_suspect = has_suspect(&mut suspects, end as usize - 1);
            let record = Record { padded, tokens, first_token, end_token: token, length: span.len() };
            if is_suspect || !self.run_fused(record, place, output) {
                self.run_complete(&page.bytes[span.range()], place, output);
            }
        }
    }

    fn run_complete(&mut self, record: &[u8], place: Place, output: &mut Output) {
        match self.plan.run_complete(record) {
            Err(reasons) => output.reject(place, reasons),
            Ok(states) => {
                if let Err((position, error)) = self.plan.emit(&states, place, self.keep_cells, output) {
                    output.reject(place, vec![Reason::of_number(&self.plan.fields[position], error)]);
                }
            }
        }
    }
}

/// Whether a line that ends at `line_end` holds the next suspect; passes the suspects of that line.
#[inline(always)]
fn has_suspect(suspects: &mut &[u32], line_end: usize) -> bool {
    let in_line = suspects.iter().take_while(|place| **place as usize <= line_end).count();
    *suspects = &suspects[in_line..];
    in_line > 0
}

/// The elements from `first` on that lie one after another within a window; at least one.
fn group_end(elements: &[Span], first: usize) -> usize {
    let start = elements[first].start as usize;
    let follows = |index: usize| elements[index].start >= elements[index - 1].end;
    let fits = |index: usize| elements[index].end as usize - start <= WINDOW_BYTES;
    (first + 1..elements.len()).find(|&index| !follows(index) || !fits(index)).unwrap_or(elements.len())
}
