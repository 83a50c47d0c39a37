//! A column chunk: its pages, and its entry in the file's footer. The columns encode values.

use parquet::basic::{Compression, Encoding as Named};
use parquet::file::statistics::Statistics;

use crate::header::{self, Encoding, Sizes};

/// A page is too large for Parquet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageError {
    /// Bytes of the page.
    pub bytes: usize,
}

impl std::fmt::Display for PageError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "a page has {} bytes, and may have up to {}", self.bytes, i32::MAX)
    }
}

impl std::error::Error for PageError {}

/// Whether a chunk is compressed. The first page in the chunk's final encoding decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Codec {
    #[default]
    Undecided,
    None,
    Lz4,
}

/// A chunk is compressed if that removes a quarter of its bytes: LZ4 costs a nanosecond a byte here, and writing
/// incompressible bytes is cheaper.
const KEPT_QUARTERS_MAX: usize = 3;

/// An encoded column chunk. It is reused for the next one.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The dictionary page, if there is one.
    pub(crate) dictionary: Vec<u8>,
    /// The data pages.
    pub(crate) pages: Vec<u8>,
    pub(crate) rows: u64,
    pub(crate) nulls: u64,
    /// Bytes of all pages before compression, with their headers.
    pub(crate) plain_bytes: u64,
    pub(crate) statistics: Option<Statistics>,
    encodings: Vec<Encoding>,
    codec: Codec,
    /// A page before compression, and after it.
    page: Vec<u8>,
    packed: Vec<u8>,
}

impl Chunk {
    /// Append a page. `fill` writes its levels and values. A page that `may_shrink` is compressed if the chunk is; the
    /// first such page decides for the chunk.
    pub(crate) fn add_page(
        &mut self,
        encoding: Encoding,
        (rows, nulls): (u32, u64),
        may_shrink: bool,
        fill: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), PageError> {
        let mut page = std::mem::take(&mut self.page);
        page.clear();
        fill(&mut page);
        self.decide(&page, may_shrink)?;
        let stored = if self.codec == Codec::Lz4 { compress(&page, &mut self.packed)? } else { &page };
        let before = self.pages.len();
        let sizes = Sizes { plain: fitting(page.len())?, stored: fitting(stored.len())? };
        header::write_data(sizes, rows, encoding, &mut self.pages);
        self.plain_bytes += (self.pages.len() - before + page.len()) as u64;
        self.pages.extend_from_slice(stored);
        self.page = page;
        self.count(encoding, rows, nulls);
        Ok(())
    }

    /// Append a page of a known size, which `fill` writes in place: nothing is copied or compressed.
    pub(crate) fn add_sized_page(
        &mut self,
        encoding: Encoding,
        rows: u32,
        bytes: usize,
        fill: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), PageError> {
        self.codec = Codec::None;
        let before = self.pages.len();
        let size = fitting(bytes)?;
        header::write_data(Sizes { plain: size, stored: size }, rows, encoding, &mut self.pages);
        let header_end = self.pages.len();
        self.pages.reserve(bytes);
        fill(&mut self.pages);
        debug_assert_eq!(self.pages.len() - header_end, bytes);
        self.plain_bytes += (self.pages.len() - before) as u64;
        self.count(encoding, rows, 0);
        Ok(())
    }

    /// Write the dictionary in plain encoding, after all pages.
    pub(crate) fn add_dictionary(&mut self, values: u32, plain: &[u8]) -> Result<(), PageError> {
        let stored = if self.codec == Codec::Lz4 { compress(plain, &mut self.packed)? } else { plain };
        let sizes = Sizes { plain: fitting(plain.len())?, stored: fitting(stored.len())? };
        header::write_dictionary(sizes, values, &mut self.dictionary);
        self.plain_bytes += (self.dictionary.len() + plain.len()) as u64;
        self.dictionary.extend_from_slice(stored);
        self.name(Encoding::Plain);
        Ok(())
    }

    fn decide(&mut self, page: &[u8], may_shrink: bool) -> Result<(), PageError> {
        if self.codec == Codec::Undecided {
            let pays = may_shrink && compress(page, &mut self.packed)?.len() * 4 <= page.len() * KEPT_QUARTERS_MAX;
            self.codec = if pays { Codec::Lz4 } else { Codec::None };
        }
        Ok(())
    }

    fn count(&mut self, encoding: Encoding, rows: u32, nulls: u64) {
        self.rows += u64::from(rows);
        self.nulls += nulls;
        self.name(Encoding::Rle);
        self.name(encoding);
    }

    fn name(&mut self, encoding: Encoding) {
        if !self.encodings.contains(&encoding) {
            self.encodings.push(encoding);
        }
    }

    pub(crate) fn compression(&self) -> Compression {
        if self.codec == Codec::Lz4 { Compression::LZ4_RAW } else { Compression::UNCOMPRESSED }
    }

    /// Return the encodings of levels and values.
    pub(crate) fn encodings(&self) -> Vec<Named> {
        let named = |encoding: &Encoding| match encoding {
            Encoding::Plain => Named::PLAIN,
            Encoding::Rle => Named::RLE,
            Encoding::DeltaBinaryPacked => Named::DELTA_BINARY_PACKED,
            Encoding::DeltaLengthByteArray => Named::DELTA_LENGTH_BYTE_ARRAY,
            Encoding::DeltaByteArray => Named::DELTA_BYTE_ARRAY,
            Encoding::RleDictionary => Named::RLE_DICTIONARY,
        };
        self.encodings.iter().map(named).collect()
    }

    /// Remove the pages. Memory is kept.
    pub(crate) fn clear(&mut self) {
        self.dictionary.clear();
        self.pages.clear();
        self.encodings.clear();
        (self.rows, self.nulls, self.plain_bytes) = (0, 0, 0);
        (self.statistics, self.codec) = (None, Codec::Undecided);
    }
}

fn compress<'o>(page: &[u8], out: &'o mut Vec<u8>) -> Result<&'o [u8], PageError> {
    let room = lz4_flex::block::get_maximum_output_size(page.len());
    if out.len() < room {
        out.resize(room, 0);
    }
    let bytes = lz4_flex::block::compress_into(page, out).map_err(|_| PageError { bytes: page.len() })?;
    Ok(&out[..bytes])
}

fn fitting(bytes: usize) -> Result<i32, PageError> {
    i32::try_from(bytes).map_err(|_| PageError { bytes })
}
