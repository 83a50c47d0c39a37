//! A text column in the making: all bytes in one piece. It asks nothing of them: canonical text was held against UTF-8 when it was read.

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
    /// A column of texts out of one block's text, none of them twice and some `bytes` in all.
    ///
    /// # Errors
    /// When all of the block's text would outgrow Arrow's 32-bit offsets.
    pub(super) fn out_of(text: &[u8], rows: usize, bytes: usize) -> Result<Self, ArrowError> {
        i32::try_from(text.len()).map_err(|_| ArrowError::OffsetOverflowError(text.len()))?;
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Ok(Self { bytes: Vec::with_capacity(bytes + CHUNK_BYTES), ends, nulls: NullBufferBuilder::new(rows) })
    }

    /// The characters of canonical strings without escapes; `None` when one has an escape. All are copied first and asked afterwards,
    /// since a search over all of them at once costs nothing, and one by one as much as the copies.
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

    /// The characters of canonical strings, with escapes or without.
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

    /// Appends a part of a text. Where as much follows it, a copy of a length that the compiler knows is made and cut.
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

    /// Appends whole characters.
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

    /// The column.
    ///
    /// # Safety
    /// Every text that was pushed is UTF-8.
    #[allow(unsafe_code)] // asking again of every byte, and of every place where a text ends, was 2 % of a run with columns
    pub(super) unsafe fn finish(mut self) -> ArrayRef {
        debug_assert!(std::str::from_utf8(&self.bytes).is_ok());
        let ends = OffsetBuffer::new(self.ends.into());
        // SAFETY: as the caller vouches; the ends are in order and within the bytes, and there is a null or not for each.
        Arc::new(unsafe { StringArray::new_unchecked(ends, Buffer::from_vec(self.bytes), self.nulls.finish()) })
    }
}
