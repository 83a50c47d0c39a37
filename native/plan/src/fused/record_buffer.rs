//! The spare memory of an output that one record is written into. It knows no fields.

use super::cursor::{Cursor, SLACK_BYTES};
use crate::output::Cell;

/// Spare room of an output, enough for one record.
pub(crate) struct Room<'o> {
    text: &'o mut Vec<u8>,
    cells: &'o mut Vec<Cell>,
    pub(crate) keeps_cells: bool,
    pub(crate) cursor: Cursor,
    bound_bytes: usize,
}

impl<'o> Room<'o> {
    #[inline(always)]
    pub(crate) fn new(text: &'o mut Vec<u8>, cells: &'o mut Vec<Cell>, keeps_cells: bool, bound_bytes: usize) -> Self {
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
    pub(crate) fn close(&mut self, start: usize) -> usize {
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
    pub(crate) unsafe fn commit(&mut self) {
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
