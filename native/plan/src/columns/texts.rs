//! A text column in the making: all bytes in one piece, checked for UTF-8 once. Cell by cell, the checks cost more than the copies.

use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};
use arrow_buffer::{Buffer, NullBufferBuilder, OffsetBuffer};
use arrow_schema::ArrowError;

pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

impl Texts {
    pub(super) fn with_capacity(rows: usize, bytes: usize) -> Self {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Self { bytes: Vec::with_capacity(bytes), ends, nulls: NullBufferBuilder::new(rows) }
    }

    pub(super) fn push(&mut self, text: &[u8]) -> Result<(), ArrowError> {
        self.bytes.extend_from_slice(text);
        let end = i32::try_from(self.bytes.len()).map_err(|_| ArrowError::OffsetOverflowError(self.bytes.len()))?;
        self.ends.push(end);
        self.nulls.append_non_null();
        Ok(())
    }

    pub(super) fn push_null(&mut self) {
        self.ends.push(self.ends.last().copied().unwrap_or_default());
        self.nulls.append_null();
    }

    pub(super) fn finish(mut self) -> Result<ArrayRef, ArrowError> {
        let ends = OffsetBuffer::new(self.ends.into());
        Ok(Arc::new(StringArray::try_new(ends, Buffer::from_vec(self.bytes), self.nulls.finish())?))
    }
}
