//! A column of booleans, one bit each.

use parquet::file::statistics::Statistics;

use crate::PAGE_ROWS;
use crate::bits;
use crate::chunk::{Chunk, PageError};
use crate::header::Encoding;
use crate::presence::Presence;

/// Encodes booleans.
#[derive(Debug, Default)]
pub struct BooleanColumn {
    chunk: Chunk,
    presence: Presence,
    values: Vec<bool>,
    /// Whether there was a false, and a true.
    seen: [bool; 2],
}

impl BooleanColumn {
    /// Append a value, or a null.
    #[inline]
    pub fn push(&mut self, value: Option<bool>) {
        let Some(value) = value else { return self.presence.push_absent() };
        self.presence.push_present();
        self.seen[usize::from(value)] = true;
        self.values.push(value);
    }

    /// End the page if it is large enough. Call it between pieces of a few hundred KiB.
    ///
    /// # Errors
    /// [`PageError`]
    pub fn end_piece(&mut self) -> Result<(), PageError> {
        if self.presence.rows() >= PAGE_ROWS { self.end_page() } else { Ok(()) }
    }

    fn end_page(&mut self) -> Result<(), PageError> {
        let Self { chunk, presence, values, .. } = self;
        chunk.add_page(Encoding::Plain, (presence.rows(), presence.nulls()), true, |out| {
            presence.finish(out);
            bits::pack(values.iter().map(|value| u64::from(*value)), 1, out);
            values.clear();
        })
    }

    /// End the chunk, so that [`BooleanColumn::chunk`] returns it.
    ///
    /// # Errors
    /// [`PageError`]
    pub fn finish(&mut self) -> Result<(), PageError> {
        if self.presence.rows() > 0 {
            self.end_page()?;
        }
        let [has_false, has_true] = self.seen;
        let range = (has_false || has_true).then_some((!has_false, has_true)).unzip();
        self.chunk.statistics = Some(Statistics::new(range.0, range.1, None, Some(self.chunk.nulls), false));
        Ok(())
    }

    /// Return the finished chunk.
    pub fn chunk(&mut self) -> &mut Chunk {
        &mut self.chunk
    }

    /// Begin a new chunk. Memory is kept.
    pub fn clear(&mut self) {
        self.chunk.clear();
        self.presence.clear();
        self.values.clear();
        self.seen = [false; 2];
    }
}
