//! One block of input on its way from the source to the sink, with the memory that it needs. Used again for later blocks.

use std::ops::Range;

use chartly_plan::{Output, Position};

use crate::parquet_file::RowGroup;

/// A line longer than any record may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Oversized {
    /// Bytes without the line's end.
    pub(crate) length: u64,
    /// Bytes with it.
    pub(crate) line_bytes: u64,
}

/// A block, its records and what is written of them.
#[derive(Default)]
pub(crate) struct Task {
    /// The block's place in the order of blocks.
    pub(crate) number: u64,
    /// Where the block begins in the input.
    pub(crate) start: Position,
    /// Memory of a block of lines; only the first `input_bytes` are of this block.
    pub(crate) input: Vec<u8>,
    pub(crate) input_bytes: usize,
    /// A line that is a block by itself, and of which nothing is held.
    pub(crate) oversized: Option<Oversized>,
    /// Elements of a page, for a block of those.
    pub(crate) elements: Range<usize>,
    pub(crate) output: Output,
    /// Lines of `rejected.ndjson`.
    pub(crate) rejected: Vec<u8>,
    /// Encoded columns of the accepted records.
    pub(crate) row_group: Option<RowGroup>,
}
