//! One record through the program: walk, write, or take everything back. The worker finds records and counts them.

use chartly_json::Limits;
use chartly_json::scan::Tokens;

use super::Program;
use super::cursor::{Cursor, SLACK_BYTES};
use super::key::Keys;
use super::walk::{EMPTY, Slot, Walk};
use crate::output::{Cell, LINE_END, LINE_HEAD, LINE_ID, Output};
use crate::place::Place;
use crate::plan::Plan;

/// What a worker keeps from record to record.
#[derive(Debug)]
pub(crate) struct Memory {
    keys: Vec<Keys>,
    slots: Vec<Slot>,
}

/// A scanned piece, with 64 readable bytes behind every token's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'p> {
    pub(crate) padded: &'p [u8],
    pub(crate) tokens: &'p Tokens,
}

/// Spare room of an output, enough for one record.
pub(crate) struct Room<'o> {
    text: &'o mut Vec<u8>,
    cells: &'o mut Vec<Cell>,
    pub(crate) keeps_cells: bool,
    pub(crate) cursor: Cursor,
    bound_bytes: usize,
}

impl Program {
    /// Memory for one worker; `None` when an object has more mapped keys than can be told apart.
    pub(crate) fn memory(&self) -> Option<Memory> {
        let keys = self.nodes.iter().map(Keys::new).collect::<Option<_>>()?;
        Some(Memory { keys, slots: vec![EMPTY; self.slots] })
    }

    /// Runs the record that starts at a token. `place_of` is told the token after the record, and says where the record lies
    /// if it may end there. Gives that token, or `None` and leaves `output` as it was.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)] // the plan, the worker's memory, the input and the output, each for itself
    pub(crate) fn run(
        &self,
        plan: &Plan,
        memory: &mut Memory,
        piece: Piece<'_>,
        first_token: usize,
        place_of: impl FnOnce(usize) -> Option<Place>,
        keeps_cells: bool,
        output: &mut Output,
    ) -> Option<usize> {
        memory.slots.fill(EMPTY);
        let failure = piece.tokens.count() + 1;
        let mut walk = Walk {
            data: piece.padded.as_ptr(),
            positions: piece.tokens.positions(),
            kinds: piece.tokens.kinds(),
            nodes: &self.nodes,
            keys: &mut memory.keys,
            slots: &mut memory.slots,
            failure,
            depth_max: self.depth_max,
        };
        let end_token = walk.record(first_token);
        if end_token == failure {
            return None;
        }
        let place = place_of(end_token)?;
        self.write(plan, &walk, place, keeps_cells, output).then_some(end_token)
    }

    #[inline(always)]
    fn write(&self, plan: &Plan, walk: &Walk<'_>, place: Place, keeps_cells: bool, output: &mut Output) -> bool {
        let line_start = output.text.len();
        let cells_before = output.cells.len();
        #[allow(clippy::cast_possible_truncation)] // a record lies within a piece in memory
        let bound = self.fixed_bytes + place.length as usize * self.slot_uses_max;
        let mut room = Room::new(&mut output.text, &mut output.cells, keeps_cells, bound);
        // SAFETY: the bound counts the line's constants.
        unsafe { room.cursor.copy_exact(LINE_HEAD) };
        let start = room.offset();
        for (position, field) in self.fields.iter().enumerate() {
            // SAFETY: the bound counts every field.
            if unsafe { field.write(position, plan, walk, &mut room) }.is_err() {
                output.rewind(line_start, cells_before);
                return false;
            }
        }
        let end = room.close(start);
        // SAFETY: the bound counts these, and everything up to here is written.
        unsafe {
            room.cursor.copy_exact(LINE_ID);
            room.cursor.at.write_bytes(b'0', chartly_digest::HEX_BYTES);
            room.cursor.at = room.cursor.at.add(chartly_digest::HEX_BYTES);
            room.cursor.copy_exact(LINE_END);
            room.commit();
        }
        if self.asks_contract && !meets(plan, &output.text[start..end]) {
            output.rewind(line_start, cells_before);
            return false;
        }
        output.canonical.push(start..end);
        output.places.push(place);
        output.counts.accepted += 1;
        true
    }
}

/// Whether the finished payload meets the contract, asked of the contract's own engine.
#[inline(never)]
fn meets(plan: &Plan, canonical: &[u8]) -> bool {
    chartly_json::parse(canonical, Limits::WIDEST).is_ok_and(|node| plan.contract.is_valid(&node.value))
}

impl<'o> Room<'o> {
    #[inline(always)]
    fn new(text: &'o mut Vec<u8>, cells: &'o mut Vec<Cell>, keeps_cells: bool, bound_bytes: usize) -> Self {
        text.reserve(bound_bytes + SLACK_BYTES);
        let length = text.len();
        // SAFETY: the place behind the vector's last byte, within its room.
        let cursor = Cursor { at: unsafe { text.as_mut_ptr().add(length) } };
        Self { text, cells, keeps_cells, cursor, bound_bytes }
    }

    /// Bytes of the text up to the cursor.
    #[inline(always)]
    pub(crate) fn offset(&self) -> usize {
        self.cursor.at.addr() - self.text.as_ptr().addr()
    }

    /// Ends the object that starts at `start`: the first field's comma becomes its brace.
    #[inline(always)]
    fn close(&mut self, start: usize) -> usize {
        // SAFETY: `type` is always there, so at least one field was written; the bound counts the closing brace.
        unsafe {
            self.text.as_mut_ptr().add(start).write(b'{');
            self.cursor.byte(b'}');
        }
        self.offset()
    }

    /// Makes what was written a part of the text.
    ///
    /// # Safety
    /// Every byte up to the cursor is written.
    #[inline(always)]
    unsafe fn commit(&mut self) {
        let length = self.offset();
        // SAFETY: as the caller vouches, and within the room.
        unsafe { self.text.set_len(length) };
    }

    /// Writes text of any length, and makes the record's whole bound free again behind it.
    pub(crate) fn extend(&mut self, text: &[u8]) {
        self.ensure(text.len());
        // SAFETY: room was ensured.
        unsafe { self.cursor.copy_exact(text) };
    }

    /// Makes sure of room for so many bytes besides the record's bound.
    #[inline(always)]
    pub(crate) fn ensure(&mut self, bytes: usize) {
        if self.text.capacity() - self.offset() < bytes + self.bound_bytes + SLACK_BYTES {
            self.grow(bytes);
        }
    }

    #[cold]
    #[allow(clippy::uninit_vec)] // the length only ever covers what is written
    fn grow(&mut self, bytes: usize) {
        let length = self.offset();
        let committed = self.text.len();
        // SAFETY: every byte up to the cursor is written; the length goes back to what it was.
        unsafe {
            self.text.set_len(length);
            self.text.reserve(bytes + self.bound_bytes + SLACK_BYTES);
            self.text.set_len(committed.min(length));
            self.cursor.at = self.text.as_mut_ptr().add(length);
        }
    }

    /// Goes back to an offset that the cursor was at.
    pub(crate) fn rewind(&mut self, offset: usize) {
        // SAFETY: within what was written.
        self.cursor.at = unsafe { self.text.as_mut_ptr().add(offset) };
    }

    /// What was written from an offset on.
    pub(crate) fn text_from(&self, start: usize) -> &[u8] {
        // SAFETY: every byte up to the cursor is written.
        unsafe { std::slice::from_raw_parts(self.text.as_ptr().add(start), self.offset() - start) }
    }

    /// Notes a value of so many bytes that ends at the cursor.
    #[inline(always)]
    pub(crate) fn cell(&mut self, bytes: usize) {
        if self.keeps_cells {
            let end = self.offset();
            self.cells.push(Cell::new(end - bytes..end));
        }
    }

    /// Notes a value that starts at an offset and ends at the cursor.
    #[inline(always)]
    pub(crate) fn cell_from(&mut self, start: usize) {
        if self.keeps_cells {
            let end = self.offset();
            self.cells.push(Cell::new(start..end));
        }
    }
}
