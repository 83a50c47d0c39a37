//! Parquet column chunks, written straight from values: no arrays between, and every byte copied once.
//!
//! ```text
//! a column's values ── push ──▶ dictionary, or deltas, or plain ── end_piece ──▶ pages ── finish ──▶ Chunk ──▶ ParquetFile
//! ```
//!
//! Which encoding a column chunk gets is told by its own first values, so a file does not depend on who encoded it. A column's memory is
//! used again for its next chunk. This crate knows Parquet, and neither plans nor records.

mod bits;
mod boolean;
mod chunk;
mod delta;
mod file;
mod header;
mod heads;
mod number;
mod presence;
mod runs;
mod slots;
mod text;
mod varint;

pub use boolean::BooleanColumn;
pub use chunk::{Chunk, PageError};
pub use file::{ParquetFile, Schema};
pub use heads::HeadedColumn;
pub use number::{Number, NumberColumn};
pub use text::TextColumn;

/// Bytes of a page before compression, some 10,000 short values. Readers take a page at a time, and a core's cache should hold it.
const PAGE_BYTES: usize = 128 << 10;

/// Rows of a page, for columns that encode to next to nothing.
const PAGE_ROWS: u32 = 20_000;

/// A column's dictionary may grow to this; columns with more in them are better off without one.
const DICTIONARY_BYTES_MAX: usize = 32 << 10;

/// Values after which a chunk decides whether a dictionary is worth it: where more than half of them are new, it is not.
const TRIAL_VALUES: usize = 1024;
