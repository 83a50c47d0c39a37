//! The result of running a plan over a block: accepted records as bytes, ids, keys and places; rejected records with
//! reasons.
//!
//! The canonical bytes are within the lines of `accepted.ndjson`, so that writing that file copies nothing. Places are
//! relative to the block, so that a block can run before the number of lines before it is known. It writes no files.

use std::ops::Range;

use chartly_digest::Digest;

use crate::place::{Place, Position};
use crate::reason::Reason;

/// Start of a line of `accepted.ndjson`, before the canonical bytes.
pub(crate) const LINE_HEAD: &[u8] = b"{\"record\":";
/// Between the canonical bytes and the id's 64 hexadecimal digits.
pub(crate) const LINE_ID: &[u8] = b",\"record_id\":\"sha256:";
/// After the id.
pub(crate) const LINE_END: &[u8] = b"\"}\n";

/// Counts of a block. `records == accepted + rejected`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// All records.
    pub records: u64,
    /// Accepted records.
    pub accepted: u64,
    /// Rejected records.
    pub rejected: u64,
    /// Lines that are only white space.
    pub blank_lines: u64,
    /// Bytes of input.
    pub bytes: u64,
    /// Physical lines (or elements) of input, including blank ones.
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
    /// The digest over the values of `dedupe.keys`; without keys, the record id's digest.
    pub idempotency_key: &'o Digest,
    /// The place of the raw record.
    pub place: Place,
}

/// A rejected record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The place of the raw record.
    pub place: Place,
    /// All reasons, in their fixed order.
    pub reasons: Vec<Reason>,
}

/// The place of a field's canonical value in the block's text; `start == end` when the field is absent.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Cell {
    /// Return the cell of a range. A block's text is far below 4 GiB: blocks are bounded, and a record's canonical
    /// bytes by its raw ones.
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
    /// Whether places are already relative to the whole input, as those of a page's elements are.
    pub(crate) is_absolute: bool,
    /// The place of each field's value in `text`, record by record; kept only for columns and keys.
    pub(crate) cells: Vec<Cell>,
}

impl Output {
    /// Remove the records. Memory is kept.
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

    /// Set where the block starts in the whole input. It may be called after the run and costs nothing. Elements of a
    /// page have their places without it.
    pub const fn set_start(&mut self, start: Position) {
        if !self.is_absolute {
            self.start = start;
        }
    }

    /// Return where the next block starts.
    #[must_use]
    pub const fn end(&self) -> Position {
        Position { offset: self.start.offset + self.counts.bytes, line: self.start.line + self.counts.lines }
    }

    /// Return the counts of the block.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        Counts { records: self.counts.accepted + self.counts.rejected, ..self.counts }
    }

    /// Return the accepted records, in input order.
    #[must_use]
    pub fn accepted(&self) -> impl ExactSizeIterator<Item = Accepted<'_>> {
        self.canonical.iter().enumerate().map(|(index, range)| Accepted {
            canonical: &self.text[range.clone()],
            record_id: &self.record_ids[index],
            idempotency_key: self.keys.get(index).unwrap_or(&self.record_ids[index]),
            place: self.places[index].after(self.start),
        })
    }

    /// Return the rejected records, in input order.
    #[must_use]
    pub fn rejected(&self) -> impl ExactSizeIterator<Item = Rejected> + '_ {
        self.rejected
            .iter()
            .map(|record| Rejected { place: record.place.after(self.start), reasons: record.reasons.clone() })
    }

    /// Return the lines of `accepted.ndjson`, whole.
    #[must_use]
    pub fn accepted_ndjson(&self) -> &[u8] {
        &self.text
    }

    /// Append the lines of `rejected.ndjson` to `out`.
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
