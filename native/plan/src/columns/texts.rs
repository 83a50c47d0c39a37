//! A text column whose bytes are collected in one buffer. It doesn't check UTF-8: canonical text was checked when it
//! was parsed.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::{Buffer, NullBufferBuilder, OffsetBuffer};
use arrow_schema::ArrowError;
use memchr::memchr;

use super::parse;

/// Texts up to this length are copied by registers.
const CHUNK_BYTES: usize = 32;

pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Texts {
    /// Return a column for texts that are parts of one block's text, no part twice, `bytes` in all.
    ///
    /// # Errors
    /// The block's text exceeds Arrow's 32-bit offsets.
    pub(super) fn out_of(text: &[u8], rows: usize, bytes: usize) -> Result<Self, ArrowError> {
        i32::try_from(text.len()).map_err(|_| ArrowError::OffsetOverflowError(text.len()))?;
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Ok(Self { bytes: Vec::with_capacity(bytes + CHUNK_BYTES), ends, nulls: NullBufferBuilder::new(rows) })
    }

    /// Return the characters of canonical strings without escapes; `None` when one has an escape. It copies all strings
    /// first and then searches all bytes at once for a backslash, which is much faster than one search a string.
    pub(super) fn of_plain(
        text: &[u8],
        cells: impl Iterator<Item = Option<Range<usize>>>,
        rows: usize,
    ) -> Result<Option<Self>, ArrowError> {
        let mut texts = Self::out_of(text, rows, rows * 16)?;
        for cell in cells {
            match cell {
                Some(cell) if text[cell.start] == b'"' => texts.push_from(text, cell.start + 1..cell.end - 1),
                _ => texts.push_null(),
            }
        }
        Ok(memchr(b'\\', &texts.bytes).is_none().then_some(texts))
    }

    /// Return the characters of canonical strings, with escapes or without.
    pub(super) fn of_escaped(
        text: &[u8],
        cells: impl Iterator<Item = Option<Range<usize>>>,
        rows: usize,
    ) -> Result<Self, ArrowError> {
        let mut texts = Self::out_of(text, rows, rows * 16)?;
        for cell in cells {
            match cell.and_then(|cell| parse::text(&text[cell])) {
                Some(text) => texts.push(&text),
                None => texts.push_null(),
            }
        }
        Ok(texts)
    }

    /// Append a part of a text. Where enough bytes follow it, a fixed number of bytes is copied and the rest cut off,
    /// which is faster.
    #[inline]
    fn push_from(&mut self, text: &[u8], range: Range<usize>) {
        let end = self.bytes.len() + range.len();
        match text[range.start..].first_chunk::<CHUNK_BYTES>() {
            Some(chunk) if range.len() <= CHUNK_BYTES => {
                self.bytes.extend_from_slice(chunk);
                self.bytes.truncate(end);
            }
            _ => self.bytes.extend_from_slice(&text[range]),
        }
        self.end_text();
    }

    /// Append whole characters.
    #[inline]
    pub(super) fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.end_text();
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // parts of a text that fits
    fn end_text(&mut self) {
        self.ends.push(self.bytes.len() as i32);
        self.nulls.append_non_null();
    }

    #[inline]
    pub(super) fn push_null(&mut self) {
        self.ends.push(self.ends.last().copied().unwrap_or_default());
        self.nulls.append_null();
    }

    /// Return the column.
    ///
    /// # Safety
    /// Every text that was pushed is UTF-8.
    #[allow(unsafe_code)] // T a second check of all bytes and ends took 2 % of a run with columns
    pub(super) unsafe fn finish(mut self) -> ArrayRef {
        debug_assert!(std::str::from_utf8(&self.bytes).is_ok());
        let ends = OffsetBuffer::new(self.ends.into());
        // SAFETY: the caller guarantees UTF-8. The ends ascend and are within the bytes, and there is one null bit for
        // each text.
        Arc::new(unsafe { StringArray::new_unchecked(ends, Buffer::from_vec(self.bytes), self.nulls.finish()) })
    }
}
