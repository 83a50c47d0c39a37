//! A column of ids: texts of one length that start with the same prefix, none of them twice. The prefix is written once
//! a page, and the rest is written in place.

use crate::chunk::{Chunk, PageError};
use crate::delta::Delta;
use crate::header::Encoding;

/// Encodes texts of a prefix (`head`) and `N` more characters, without nulls.
#[derive(Debug)]
pub struct HeadedColumn<const N: usize> {
    head: &'static [u8],
    chunk: Chunk,
    lengths: Vec<u8>,
}

impl<const N: usize> HeadedColumn<N> {
    /// Return a column of texts that start with `head`.
    #[must_use]
    pub fn new(head: &'static [u8]) -> Self {
        Self { head, chunk: Chunk::default(), lengths: Vec::new() }
    }

    /// Append a page of texts. `write` writes what follows the prefix.
    ///
    /// # Errors
    /// [`PageError`]
    pub fn push_all<T>(&mut self, tails: &[T], write: impl Fn(&T, &mut [u8; N])) -> Result<(), PageError> {
        let Ok(rows) = u32::try_from(tails.len()) else {
            return Err(PageError { bytes: tails.len().saturating_mul(N) });
        };
        if rows == 0 {
            return Ok(());
        }
        self.lengths.clear();
        let head_bytes = i64::try_from(self.head.len()).unwrap_or(i64::MAX);
        let tail_bytes = i64::try_from(N).unwrap_or(i64::MAX);
        write_lengths(0, head_bytes, rows, &mut self.lengths);
        write_lengths(head_bytes + tail_bytes, tail_bytes, rows, &mut self.lengths);
        let Self { chunk, head, lengths } = self;
        let bytes = lengths.len() + head.len() + tails.len() * N;
        chunk.add_sized_page(Encoding::DeltaByteArray, rows, bytes, |out| {
            out.extend_from_slice(lengths);
            out.extend_from_slice(head);
            let mut tail = [0; N];
            for value in tails {
                write(value, &mut tail);
                out.extend_from_slice(&tail);
            }
        })
    }

    /// Return the chunk.
    pub fn chunk(&mut self) -> &mut Chunk {
        &mut self.chunk
    }

    /// Begin a new chunk. Memory is kept.
    pub fn clear(&mut self) {
        self.chunk.clear();
    }
}

/// Append one length, and the same other length for all other rows.
fn write_lengths(first: i64, others: i64, rows: u32, out: &mut Vec<u8>) {
    let mut deltas = Delta::default();
    deltas.push(first);
    (1..rows).for_each(|_| deltas.push(others));
    deltas.finish(out);
}
