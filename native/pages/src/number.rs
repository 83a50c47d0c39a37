//! A column of values of one width: integers, doubles and wide decimals. Few distinct values get a dictionary.
//! Otherwise integers are written as differences and other values plainly.

use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::file::statistics::Statistics;

use crate::chunk::{Chunk, PageError};
use crate::delta::Delta;
use crate::header::Encoding;
use crate::presence::Presence;
use crate::slots::{Found, Slots, mix};
use crate::text::write_numbers;
use crate::{DICTIONARY_BYTES_MAX, PAGE_BYTES, PAGE_ROWS, TRIAL_VALUES, bits};

/// A value that Parquet stores in a fixed number of bytes.
pub trait Number: Copy + PartialOrd {
    /// Whether values are written plainly, and not as differences.
    const IS_PLAIN: bool;

    /// Return the value as an integer, for differences.
    fn whole(self) -> i64;

    /// Return the bits by which values are compared.
    fn bits(self) -> u128;

    /// Append the value in plain encoding, `width` bytes.
    fn write(self, width: usize, out: &mut Vec<u8>);

    /// Return the statistics of a chunk with this minimum and maximum.
    fn statistics(range: Option<(Self, Self)>, nulls: u64, width: usize) -> Statistics;
}

/// Signed integers, dates, times and decimals of up to 18 digits; unsigned ones below 2^63.
impl Number for i64 {
    const IS_PLAIN: bool = false;

    #[inline]
    fn whole(self) -> i64 {
        self
    }

    #[inline]
    fn bits(self) -> u128 {
        u128::from(self.cast_unsigned())
    }

    #[inline]
    fn write(self, width: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes()[..width]);
    }

    fn statistics(range: Option<(Self, Self)>, nulls: u64, width: usize) -> Statistics {
        let (least, greatest) = range.unzip();
        if width == size_of::<i32>() {
            let narrow = |value: Option<i64>| value.and_then(|value| i32::try_from(value).ok());
            return Statistics::new(narrow(least), narrow(greatest), None, Some(nulls), false);
        }
        Statistics::new(least, greatest, None, Some(nulls), false)
    }
}

impl Number for f64 {
    const IS_PLAIN: bool = true;

    #[inline]
    fn whole(self) -> i64 {
        0
    }

    #[inline]
    fn bits(self) -> u128 {
        u128::from(self.to_bits())
    }

    #[inline]
    fn write(self, _: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn statistics(range: Option<(Self, Self)>, nulls: u64, _: usize) -> Statistics {
        // Readers may treat both zeros as equal: a zero minimum is written as the negative one, a zero maximum as the
        // positive.
        let least = range.map(|(least, _)| if least == 0.0 { -0.0 } else { least });
        let greatest = range.map(|(_, greatest)| if greatest == 0.0 { 0.0 } else { greatest });
        Statistics::new(least, greatest, None, Some(nulls), false)
    }
}

/// Decimals of more than 18 digits: their lowest bytes, the highest first.
impl Number for i128 {
    const IS_PLAIN: bool = true;

    #[inline]
    fn whole(self) -> i64 {
        0
    }

    #[inline]
    fn bits(self) -> u128 {
        self.cast_unsigned()
    }

    #[inline]
    fn write(self, width: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_be_bytes()[size_of::<Self>() - width..]);
    }

    fn statistics(range: Option<(Self, Self)>, nulls: u64, width: usize) -> Statistics {
        let fixed = |value: Self| {
            let mut bytes = Vec::with_capacity(width);
            value.write(width, &mut bytes);
            FixedLenByteArray::from(ByteArray::from(bytes))
        };
        let (least, greatest) = range.unzip();
        Statistics::new(least.map(fixed), greatest.map(fixed), None, Some(nulls), false)
    }
}

/// The encoding of the chunk's next values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// As dictionary indexes, until the encoding is decided.
    Trial,
    Dictionary,
    Direct,
}

/// Encodes values of `width` bytes.
#[derive(Debug)]
pub struct NumberColumn<V> {
    width: usize,
    /// The mode in which chunks begin.
    first_mode: Mode,
    mode: Mode,
    chunk: Chunk,
    presence: Presence,
    range: Option<(V, V)>,
    slots: Slots,
    entries: Vec<V>,
    numbers: Vec<u32>,
    has_dictionary_pages: bool,
    deltas: Delta,
    plain: Vec<u8>,
}

impl<V: Number> NumberColumn<V> {
    /// Return a column that starts with a dictionary.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self::begun(width, Mode::Trial, Presence::default())
    }

    /// Return a column whose values are known to be distinct and not null.
    #[must_use]
    pub fn of_unique(width: usize) -> Self {
        Self::begun(width, Mode::Direct, Presence::required())
    }

    fn begun(width: usize, mode: Mode, presence: Presence) -> Self {
        Self {
            width,
            first_mode: mode,
            mode,
            chunk: Chunk::default(),
            presence,
            range: None,
            slots: Slots::default(),
            entries: Vec::new(),
            numbers: Vec::new(),
            has_dictionary_pages: false,
            deltas: Delta::default(),
            plain: Vec::new(),
        }
    }

    /// Append a value, or a null.
    #[inline]
    pub fn push(&mut self, value: Option<V>) {
        let Some(value) = value else { return self.presence.push_absent() };
        self.presence.push_present();
        self.range = Some(match self.range {
            None => (value, value),
            Some((least, greatest)) => {
                (if value < least { value } else { least }, if value > greatest { value } else { greatest })
            }
        });
        if self.mode == Mode::Direct {
            self.push_direct(value);
        } else {
            self.push_numbered(value);
        }
    }

    #[inline]
    fn push_direct(&mut self, value: V) {
        if V::IS_PLAIN {
            value.write(self.width, &mut self.plain);
        } else {
            self.deltas.push(value.whole());
        }
    }

    fn push_numbered(&mut self, value: V) {
        let bits = value.bits();
        #[allow(clippy::cast_possible_truncation)] // both halves are used
        let hash = mix(bits as u64, (bits >> 64) as u64);
        let found = self.slots.find(hash, |number| self.entries[number as usize].bits() == bits);
        let number = match found {
            Found::Old(number) => number,
            Found::New(number) if (self.entries.len() + 1) * self.width <= DICTIONARY_BYTES_MAX => {
                self.entries.push(value);
                number
            }
            _ => {
                self.leave_dictionary();
                return self.push_direct(value);
            }
        };
        self.numbers.push(number);
        if self.mode == Mode::Trial && self.numbers.len() == TRIAL_VALUES {
            self.end_trial();
        }
    }

    fn end_trial(&mut self) {
        if self.entries.len() * 2 > self.numbers.len() {
            self.leave_dictionary();
        } else {
            self.mode = Mode::Dictionary;
        }
    }

    /// Stop using the dictionary, and replace this page's indexes by their values.
    fn leave_dictionary(&mut self) {
        self.mode = Mode::Direct;
        for number in std::mem::take(&mut self.numbers) {
            self.push_direct(self.entries[number as usize]);
        }
    }

    /// End the page if it is large enough. Call it between pieces of a few hundred KiB.
    ///
    /// # Errors
    /// [`PageError`]
    pub fn end_piece(&mut self) -> Result<(), PageError> {
        let bytes = self.deltas.bytes() + self.plain.len();
        if self.presence.rows() >= PAGE_ROWS || bytes >= PAGE_BYTES { self.end_page() } else { Ok(()) }
    }

    fn end_page(&mut self) -> Result<(), PageError> {
        let Self { chunk, presence, deltas, plain, .. } = self;
        let page = (presence.rows(), presence.nulls());
        if self.mode != Mode::Direct {
            self.has_dictionary_pages = true;
            let width = bits::width_of((self.entries.len() as u64).saturating_sub(1));
            chunk.add_page(Encoding::RleDictionary, page, false, |out| {
                presence.finish(out);
                write_numbers(&self.numbers, width, out);
            })?;
            self.numbers.clear();
            return Ok(());
        }
        let encoding = if V::IS_PLAIN { Encoding::Plain } else { Encoding::DeltaBinaryPacked };
        chunk.add_page(encoding, page, V::IS_PLAIN, |out| {
            presence.finish(out);
            if V::IS_PLAIN {
                out.extend_from_slice(plain);
                plain.clear();
            } else {
                deltas.finish(out);
            }
        })
    }

    /// End the chunk, so that [`NumberColumn::chunk`] returns it.
    ///
    /// # Errors
    /// [`PageError`]
    pub fn finish(&mut self) -> Result<(), PageError> {
        if self.mode == Mode::Trial {
            self.end_trial();
        }
        if self.presence.rows() > 0 {
            self.end_page()?;
        }
        if self.has_dictionary_pages {
            self.plain.clear();
            self.entries.iter().for_each(|value| value.write(self.width, &mut self.plain));
            self.chunk.add_dictionary(self.entry_count(), &self.plain)?;
            self.plain.clear();
        }
        self.chunk.statistics = Some(V::statistics(self.range, self.chunk.nulls, self.width));
        Ok(())
    }

    #[allow(clippy::cast_possible_truncation)] // within the dictionary's bound
    fn entry_count(&self) -> u32 {
        self.entries.len() as u32
    }

    /// Return the finished chunk.
    pub fn chunk(&mut self) -> &mut Chunk {
        &mut self.chunk
    }

    /// Begin a new chunk. Memory is kept.
    pub fn clear(&mut self) {
        self.chunk.clear();
        self.presence.clear();
        self.slots.clear();
        self.entries.clear();
        self.numbers.clear();
        self.deltas.clear();
        self.plain.clear();
        (self.mode, self.has_dictionary_pages, self.range) = (self.first_mode, false, None);
    }
}
