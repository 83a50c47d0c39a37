//! What running a plan over a block gives: accepted records as bytes, ids, keys and places; rejected ones with reasons.
//!
//! The canonical bytes lie within the lines of `accepted.ndjson`, so that writing that file copies nothing. Places are kept
//! relative to the block: a block can be run before it is known how many lines come before it. It writes no files.

use std::ops::Range;

use chartly_digest::Digest;

use crate::place::{Place, Position};
use crate::reason::Reason;

/// Start of a line of `accepted.ndjson`, before the canonical bytes.
pub(crate) const LINE_HEAD: &[u8] = b"{\"record\":";
/// Between the canonical bytes and the digest's 64 hexadecimal digits.
pub(crate) const LINE_ID: &[u8] = b",\"record_id\":\"sha256:";
/// After the digest.
pub(crate) const LINE_END: &[u8] = b"\"}\n";

/// What a block held. `records == accepted + rejected`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Records seen.
    pub records: u64,
    /// Records that became canonical.
    pub accepted: u64,
    /// Records with reasons.
    pub rejected: u64,
    /// Lines of white space alone.
    pub blank_lines: u64,
    /// Bytes of input.
    pub bytes: u64,
    /// Physical lines (or elements) of input, blank ones too.
    pub lines: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.blank_lines += other.blank_lines;
        self.bytes += other.bytes;
        self.lines += other.lines;
    }
}

/// An accepted record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted<'o> {
    /// RFC 8785 bytes of the payload.
    pub canonical: &'o [u8],
    /// SHA-256 of `canonical`; written as `sha256:<hex>`.
    pub record_id: &'o Digest,
    /// What `dedupe.keys` name, hashed; else the record id's digest.
    pub idempotency_key: &'o Digest,
    /// Where the raw record lies.
    pub place: Place,
}

/// A rejected record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Where the raw record lies.
    pub place: Place,
    /// All reasons, in the fixed order.
    pub reasons: Vec<Reason>,
}

/// Where a field's canonical value lies in the block's text; `start == end` when the field is absent.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Cell {
    /// A block's text is far below 4 GiB: blocks are bounded, and a record's canonical bytes by its raw ones.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) const fn new(range: Range<usize>) -> Self {
        Self { start: range.start as u32, end: range.end as u32 }
    }

    pub(crate) const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(crate) const fn is_absent(self) -> bool {
        self.start == self.end
    }
}

/// The result of one block. Reuse it: [`Output::clear`] keeps the memory.
#[derive(Debug, Default)]
pub struct Output {
    pub(crate) start: Position,
    pub(crate) counts: Counts,
    pub(crate) text: Vec<u8>,
    pub(crate) canonical: Vec<Range<usize>>,
    pub(crate) record_ids: Vec<Digest>,
    /// Empty when the keys are the record ids.
    pub(crate) keys: Vec<Digest>,
    pub(crate) places: Vec<Place>,
    pub(crate) rejected: Vec<Rejected>,
    /// Whether places count from the input's begin already, as those of a page's elements do.
    pub(crate) is_absolute: bool,
    /// Where each field's value lies in `text`, record by record; kept only when columns are wanted.
    pub(crate) cells: Vec<Cell>,
}

impl Output {
    /// Forgets the records and keeps the memory.
    pub fn clear(&mut self) {
        self.start = Position::START;
        self.is_absolute = false;
        self.counts = Counts::default();
        self.text.clear();
        self.canonical.clear();
        self.record_ids.clear();
        self.keys.clear();
        self.places.clear();
        self.rejected.clear();
        self.cells.clear();
    }

    /// Says where the block begins in the whole input. Costs nothing; may be called after the run. Elements of a page know
    /// their places without it.
    pub const fn set_start(&mut self, start: Position) {
        if !self.is_absolute {
            self.start = start;
        }
    }

    /// Where the next block begins.
    #[must_use]
    pub const fn end(&self) -> Position {
        Position { offset: self.start.offset + self.counts.bytes, line: self.start.line + self.counts.lines }
    }

    /// What the block held.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        Counts { records: self.counts.accepted + self.counts.rejected, ..self.counts }
    }

    /// The accepted records, in input order.
    #[must_use]
    pub fn accepted(&self) -> impl ExactSizeIterator<Item = Accepted<'_>> {
        self.canonical.iter().enumerate().map(|(index, range)| Accepted {
            canonical: &self.text[range.clone()],
            record_id: &self.record_ids[index],
            idempotency_key: self.keys.get(index).unwrap_or(&self.record_ids[index]),
            place: self.places[index].after(self.start),
        })
    }

    /// The rejected records, in input order.
    #[must_use]
    pub fn rejected(&self) -> impl ExactSizeIterator<Item = Rejected> + '_ {
        self.rejected
            .iter()
            .map(|record| Rejected { place: record.place.after(self.start), reasons: record.reasons.clone() })
    }

    /// The lines of `accepted.ndjson`, whole.
    #[must_use]
    pub fn accepted_ndjson(&self) -> &[u8] {
        &self.text
    }

    /// Appends the lines of `rejected.ndjson` to `out`.
    pub fn write_rejected_ndjson(&self, out: &mut Vec<u8>) {
        for record in &self.rejected {
            crate::rejected_line::write(record.place.after(self.start), &record.reasons, out);
        }
    }

    pub(crate) fn reject(&mut self, place: Place, reasons: Vec<Reason>) {
        self.counts.rejected += 1;
        self.rejected.push(Rejected { place, reasons });
    }
}
