//! The spare memory of an output into which one record is written. It knows no fields.

use super::cursor::{Cursor, SLACK_BYTES};
use crate::output::Cell;

/// Spare memory of an output, enough for one record.
pub(crate) struct RecordBuffer<'o> {
    text: &'o mut Vec<u8>,
    cells: &'o mut Vec<Cell>,
    pub(crate) keeps_cells: bool,
    pub(crate) cursor: Cursor,
    bound_bytes: usize,
}

impl<'o> RecordBuffer<'o> {
    #[inline(always)]
    pub(crate) fn new(text: &'o mut Vec<u8>, cells: &'o mut Vec<Cell>, keeps_cells: bool, bound_bytes: usize) -> Self {
        text.reserve(bound_bytes + SLACK_BYTES);
        let length = text.len();
        // SAFETY: the position after the vector's last byte, within its capacity.
        let cursor = Cursor { at: unsafe { text.as_mut_ptr().add(length) } };
        Self { text, cells, keeps_cells, cursor, bound_bytes }
    }

    /// Return the bytes of the text up to the cursor.
    #[inline(always)]
    pub(crate) fn offset(&self) -> usize {
        self.cursor.at.addr() - self.text.as_ptr().addr()
    }

    /// End the object that starts at `start`: the first field's comma becomes the opening brace.
    #[inline(always)]
    pub(crate) fn close(&mut self, start: usize) -> usize {
        // SAFETY: `type` is always present, so at least one field was written; the bound includes the closing brace.
        unsafe {
            self.text.as_mut_ptr().add(start).write(b'{');
            self.cursor.byte(b'}');
        }
        self.offset()
    }

    /// Make the written bytes part of the text.
    ///
    /// # Safety
    /// Every byte before the cursor is written.
    #[inline(always)]
    pub(crate) unsafe fn commit(&mut self) {
        let length = self.offset();
        // SAFETY: as the caller guarantees, and within the capacity.
        unsafe { self.text.set_len(length) };
    }

    /// Write text of any length, and make the record's whole bound free again after it.
    pub(crate) fn extend(&mut self, text: &[u8]) {
        self.ensure(text.len());
        // SAFETY: room was ensured.
        unsafe { self.cursor.copy_exact(text) };
    }

    /// Make sure that `bytes` are free besides the record's bound.
    #[inline(always)]
    pub(crate) fn ensure(&mut self, bytes: usize) {
        if self.text.capacity() - self.offset() < bytes + self.bound_bytes + SLACK_BYTES {
            self.grow(bytes);
        }
    }

    #[cold]
    #[allow(clippy::uninit_vec)] // T the length covers only written bytes
    fn grow(&mut self, bytes: usize) {
        let length = self.offset();
        let committed = self.text.len();
        // SAFETY: every byte before the cursor is written; the length is restored.
        unsafe {
            self.text.set_len(length);
            self.text.reserve(bytes + self.bound_bytes + SLACK_BYTES);
            self.text.set_len(committed.min(length));
            self.cursor.at = self.text.as_mut_ptr().add(length);
        }
    }

    /// Go back to an earlier offset of the cursor.
    pub(crate) fn rewind(&mut self, offset: usize) {
        // SAFETY: within the written bytes.
        self.cursor.at = unsafe { self.text.as_mut_ptr().add(offset) };
    }

    /// Return what was written from an offset on.
    pub(crate) fn text_from(&self, start: usize) -> &[u8] {
        // SAFETY: every byte before the cursor is written.
        unsafe { std::slice::from_raw_parts(self.text.as_ptr().add(start), self.offset() - start) }
    }

    /// Note the place of a value of this length that ends at the cursor.
    #[inline(always)]
    pub(crate) fn cell(&mut self, bytes: usize) {
        if self.keeps_cells {
            let end = self.offset();
            self.cells.push(Cell::new(end - bytes..end));
        }
    }

    /// Note the place of a value that starts at an offset and ends at the cursor.
    #[inline(always)]
    pub(crate) fn cell_from(&mut self, start: usize) {
        if self.keeps_cells {
            let end = self.offset();
            self.cells.push(Cell::new(start..end));
        }
    }
}
