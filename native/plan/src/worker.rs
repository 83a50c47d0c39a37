//! Run blocks of lines and elements of pages on one thread: find the records, run them, note their places. It owns the
//! reusable memory of a run, and reads no files.

use std::ops::Range;

use chartly_json::ParseError;
use chartly_json::Span;
use chartly_json::scan::{Tokens, scan_lines, scan_text};

use crate::fused::{Memory, Piece, Program};
use crate::output::Output;
use crate::page::{Page, PagePass, PassState};
use crate::place::Place;
use crate::plan::Plan;
use crate::reason::Reason;

/// Bytes scanned at a time: their tokens (some 9 bytes for every 3 of input) stay in a 1 MiB second-level cache.
const WINDOW_BYTES: usize = 64 << 10;

/// Readable bytes after every record, so that short values can be copied by whole registers.
pub(crate) const PADDING_BYTES: usize = 64;

/// What a run produces besides records and reasons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunOptions {
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
    /// Return a worker for one thread.
    #[must_use]
    pub fn worker(&self, want: RunOptions) -> Worker<'_> {
        Worker {
            plan: self,
            keep_cells: want.columns || !self.dedupe.is_empty(),
            memory: self.program.as_ref().and_then(Program::memory),
            tokens: Tokens::on(self.instructions.scan),
            padded: Vec::new(),
        }
    }
}

impl Worker<'_> {
    /// Run a block of NDJSON and append to `output`. The block starts at the start of a line. Its last line may lack
    /// the line feed only at the end of the input.
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
                start += self.run_overlong_line(rest, start, output);
                window = WINDOW_BYTES;
            }
        }
        output.counts.bytes += block.len() as u64;
        (self.tokens, self.padded) = (tokens, padded);
        output.fill_digests(self.plan);
    }

    /// Run the whole lines of a padded piece and return the length of those lines.
    fn run_piece(
        &mut self,
        padded: &[u8],
        is_last: bool,
        offset: usize,
        tokens: &mut Tokens,
        output: &mut Output,
    ) -> usize {
        let bytes = &padded[..padded.len() - PADDING_BYTES];
        scan_lines(bytes, tokens);
        let (positions, kinds) = (tokens.positions(), tokens.kinds());
        // The sentinels end the last line when the input ends there.
        let line_ends = if is_last { tokens.count() + 1 } else { tokens.count() };
        let base = offset as u64 + output.counts.bytes;
        let mut suspects = tokens.suspects();
        let (mut line_start, mut first) = (0, 0);
        while line_start < bytes.len() {
            let line = output.counts.lines + 1;
            let place_at = |end_token: usize| {
                let line_end = positions[end_token] as usize;
                let length = line_end - line_start - usize::from(line_end > line_start && bytes[line_end - 1] == b'\r');
                Place { line, offset: base + line_start as u64, length: length as u64 }
            };
            let is_line = |end_token: usize| kinds[end_token] == b'\n' && end_token < line_ends;
            let ran = if is_line(first) {
                output.counts.blank_lines += 1;
                Some(first)
            } else {
                let place_of = |end_token: usize| {
                    let is_sound = is_line(end_token) && !has_suspect(suspects, positions[end_token]);
                    is_sound.then(|| place_at(end_token))
                };
                self.run_fused(Piece { padded, tokens }, first, place_of, output)
            };
            let end_token =
                ran.unwrap_or_else(|| first + kinds[first..].iter().take_while(|kind| **kind != b'\n').count());
            if !is_line(end_token) {
                break;
            }
            output.counts.lines = line;
            let line_end = positions[end_token];
            if ran.is_none() {
                let place = place_at(end_token);
                let end = usize::try_from(place.length).map_or(line_start, |length| line_start + length);
                self.run_complete(&bytes[line_start..end], place, output);
            }
            pass_suspects(&mut suspects, line_end);
            line_start = line_end as usize + 1;
            first = end_token + 1;
        }
        line_start.min(bytes.len())
    }

    #[inline]
    fn run_fused(
        &mut self,
        piece: Piece<'_>,
        first_token: usize,
        place_of: impl FnOnce(usize) -> Option<Place>,
        output: &mut Output,
    ) -> Option<usize> {
        let (Some(program), Some(memory)) = (&self.plan.program, &mut self.memory) else { return None };
        let bytes_max = self.plan.limits.bytes_max as u64;
        let place_of = |end_token| place_of(end_token).filter(|place| place.length <= bytes_max);
        program.run(memory, piece, first_token, place_of, self.keep_cells, output)
    }

    /// Run a line that is longer than any record may be, and return its length.
    fn run_overlong_line(&mut self, rest: &[u8], offset: usize, output: &mut Output) -> usize {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let length = end - usize::from(rest[..end].ends_with(b"\r"));
        output.counts.lines += 1;
        let place =
            Place { line: output.counts.lines, offset: offset as u64 + output.counts.bytes, length: length as u64 };
        self.run_complete(&rest[..length], place, output);
        (end + 1).min(rest.len())
    }

    /// Reject a line that is longer than [`Plan::record_bytes_max`] and that is not in memory. `line_bytes` includes
    /// the line ending, `length` doesn't.
    pub fn run_oversized_line(&mut self, length: u64, line_bytes: u64, output: &mut Output) {
        let place = Place { line: output.counts.lines + 1, offset: output.counts.bytes, length };
        output.counts.lines += 1;
        output.counts.records += 1;
        output.counts.bytes += line_bytes;
        let bytes = usize::try_from(length).unwrap_or(usize::MAX);
        let error = ParseError::TooLarge { bytes, bytes_max: self.plan.limits.bytes_max };
        output.reject(place, vec![Reason::of_parse(&error)]);
    }

    /// Run elements of a page and append to `output`.
    pub fn run_elements(&mut self, page: &Page<'_>, elements: Range<usize>, output: &mut Output) {
        let mut tokens = std::mem::take(&mut self.tokens);
        let mut padded = std::mem::take(&mut self.padded);
        output.is_absolute = true;
        if elements.start == 0 {
            output.counts.bytes += page.counted_bytes;
        }
        let mut first = elements.start;
        while first < elements.end {
            let after = group_end(&page.elements[..elements.end], first);
            let (start, end) = (page.elements[first].start as usize, page.elements[after - 1].end as usize);
            let piece = page.bytes.get(start..end + PADDING_BYTES).unwrap_or_else(|| {
                padded.clear();
                padded.extend_from_slice(&page.bytes[start..end]);
                padded.resize(end - start + PADDING_BYTES, b'\n');
                &padded
            });
            scan_text(&piece[..end - start], &mut tokens);
            self.run_group(page, first..after, piece, &tokens, output);
            first = after;
        }
        (self.tokens, self.padded) = (tokens, padded);
        output.fill_digests(self.plan);
    }

    /// Run the next records of a page, about `bytes_wanted` of it, and append to `output`.
    pub fn run_pass(&mut self, page: &mut PagePass<'_>, bytes_wanted: usize, output: &mut Output) -> PassState {
        output.is_absolute = true;
        let mut first = None;
        let passed = loop {
            match page.pass.at_record() {
                Ok(true) => {}
                Ok(false) => {
                    output.counts.bytes += page.pass.window.bytes_read();
                    break PassState::Ended;
                }
                Err(_) => break PassState::GaveUp,
            }
            let Some(record) = self.run_passed(page, output) else { break PassState::GaveUp };
            if record.end - *first.get_or_insert(record.start) >= bytes_wanted as u64 {
                break PassState::More;
            }
        };
        output.fill_digests(self.plan);
        passed
    }

    /// Run the record that the pass is at, and return its place; `None` when the pass gives up.
    fn run_passed(&mut self, page: &mut PagePass<'_>, output: &mut Output) -> Option<Range<u64>> {
        page.records += 1;
        output.counts.lines += 1;
        let line = page.records;
        let place_at = |range: Range<u64>| Place { line, offset: range.start, length: range.end - range.start };
        loop {
            let window = &page.pass.window;
            let place_of = |after| window.span_before(after).map(place_at);
            if let Some(after) = self.run_fused(window.readable(), window.at, place_of, output) {
                let record = window.offset()..window.end_before(after);
                page.pass.window.at = after;
                return Some(record);
            }
            // A record that the window cuts off is run again when it starts the next window.
            if window.at == 0 || window.holds_value() {
                break;
            }
            page.pass.window.move_on().ok()?;
        }
        let range = page.pass.window.skip().ok()?;
        self.run_complete(page.pass.window.text(range.clone()), place_at(range.clone()), output);
        Some(range)
    }

    /// Run elements that lie one after another in a scanned piece.
    fn run_group(&mut self, page: &Page<'_>, group: Range<usize>, padded: &[u8], tokens: &Tokens, output: &mut Output) {
        let base = page.elements[group.start].start;
        let positions = tokens.positions();
        let mut token = 0;
        for index in group {
            let span = page.elements[index];
            let place = page.place(index);
            output.counts.lines += 1;
            let (start, end) = (span.start - base, span.end - base);
            // The next element starts a token or two later, or further on if the last one was not walked.
            token += positions[token..].iter().take_while(|position| **position < start).count();
            let place_of = |end_token: usize| (positions[end_token - 1] + 1 == end).then_some(place);
            match self.run_fused(Piece { padded, tokens }, token, place_of, output) {
                Some(end_token) => token = end_token,
                None => self.run_complete(&page.bytes[span.range()], place, output),
            }
        }
    }

    fn run_complete(&mut self, record: &[u8], place: Place, output: &mut Output) {
        self.plan.run_complete(record, place, self.keep_cells, output);
    }
}

/// Return whether the next suspect is before a line's end, or at it.
#[inline]
fn has_suspect(suspects: &[u32], line_end: u32) -> bool {
    suspects.first().is_some_and(|place| *place <= line_end)
}

/// Skip the suspects of a line.
#[inline]
fn pass_suspects(suspects: &mut &[u32], line_end: u32) {
    while has_suspect(suspects, line_end) {
        *suspects = &suspects[1..];
    }
}

/// Return the end of the elements from `first` on that lie one after another within a window; at least one.
fn group_end(elements: &[Span], first: usize) -> usize {
    let start = elements[first].start as usize;
    let follows = |index: usize| elements[index].start >= elements[index - 1].end;
    let fits = |index: usize| elements[index].end as usize - start <= WINDOW_BYTES;
    (first + 1..elements.len()).find(|&index| !follows(index) || !fits(index)).unwrap_or(elements.len())
}
