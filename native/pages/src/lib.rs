//! Encode Parquet column chunks straight from values: no arrays between, and every byte copied once.
//!
//! ```text
//! a column's values ── push ──▶ dictionary, or deltas, or plain ── end_piece ──▶ pages ── finish ──▶ Chunk ──▶ ParquetFile
//! ```
//!
//! The first values of a column chunk decide its encoding, so a file does not depend on threads. A column's memory is
//! reused for its next chunk. This crate knows Parquet, and neither plans nor records.
//!
//! `chartly-plan` chooses the columns and `chartly-driver` writes the file: `accepted.parquet` of `chartly normalize`.
//! Storage writes its own tables and staged files with pyarrow and does not use this crate.

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

/// Bytes of a page before compression, about 10,000 short values. Readers decode one page at a time, which should fit a
/// core's cache.
const PAGE_BYTES: usize = 128 << 10;

/// Rows of a page, for columns that encode to nearly nothing.
const PAGE_ROWS: u32 = 20_000;

/// The most bytes of a column's dictionary. Columns with more distinct values are better encoded without one.
const DICTIONARY_BYTES_MAX: usize = 32 << 10;

/// Values after which a chunk decides about its dictionary: it is dropped when more than half of them are new.
const TRIAL_VALUES: usize = 1024;
