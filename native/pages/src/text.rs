//! A column of texts: dictionary indexes while few texts are distinct, then lengths and characters. Where texts start
//! alike, the part in common with the previous text is left out.

use crate::chunk::{Chunk, PageError};
use crate::delta::Delta;
use crate::header::Encoding;
use crate::presence::Presence;
use crate::slots::{Found, Slots, mix};
use crate::{DICTIONARY_BYTES_MAX, PAGE_BYTES, PAGE_ROWS, TRIAL_VALUES, bits, runs};

/// Characters that are compared with the previous text: as many as a register holds.
const HEAD_BYTES: usize = 16;

/// The encoding of the chunk's next values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    /// As dictionary indexes, until the encoding is decided.
    #[default]
    Trial,
    Dictionary,
    Direct,
}

/// Encodes texts without a check: the caller guarantees UTF-8.
#[derive(Debug, Default)]
pub struct TextColumn {
    chunk: Chunk,
    presence: Presence,
    mode: Mode,
    entries: Entries,
    numbers: Vec<u32>,
    has_dictionary_pages: bool,
    direct: Direct,
}

impl TextColumn {
    /// Append a text.
    #[inline]
    pub fn push(&mut self, text: &[u8]) {
        self.presence.push_present();
        if self.mode == Mode::Direct {
            self.direct.push(text);
        } else {
            self.push_numbered(text);
        }
    }

    /// Append a null.
    #[inline]
    pub fn push_null(&mut self) {
        self.presence.push_absent();
    }

    fn push_numbered(&mut self, text: &[u8]) {
        let Some(number) = self.entries.number_of(text) else {
            self.leave_dictionary();
            return self.direct.push(text);
        };
        self.numbers.push(number);
        if self.mode == Mode::Trial && self.numbers.len() == TRIAL_VALUES {
            self.end_trial();
        }
    }

    fn end_trial(&mut self) {
        if self.entries.count() as usize * 2 > self.numbers.len() {
            self.leave_dictionary();
        } else {
            self.mode = Mode::Dictionary;
        }
    }

    /// Stop using the dictionary, and replace this page's indexes by their values.
    fn leave_dictionary(&mut self) {
        self.mode = Mode::Direct;
        self.direct.begin(self.entries.texts());
        for number in self.numbers.drain(..) {
            self.direct.push(self.entries.text(number));
        }
    }

    /// End the page if it is large enough. Call it between pieces of a few hundred KiB.
    ///
    /// # Errors
    /// [`PageError`]
    pub fn end_piece(&mut self) -> Result<(), PageError> {
        if self.presence.rows() >= PAGE_ROWS || self.direct.bytes() >= PAGE_BYTES { self.end_page() } else { Ok(()) }
    }

    fn end_page(&mut self) -> Result<(), PageError> {
        let Self { chunk, presence, direct, .. } = self;
        let page = (presence.rows(), presence.nulls());
        if self.mode == Mode::Direct {
            return chunk.add_page(direct.encoding(), page, true, |out| {
                presence.finish(out);
                direct.finish(out);
            });
        }
        self.has_dictionary_pages = true;
        let width = bits::width_of(u64::from(self.entries.count().saturating_sub(1)));
        chunk.add_page(Encoding::RleDictionary, page, false, |out| {
            presence.finish(out);
            write_numbers(&self.numbers, width, out);
        })?;
        self.numbers.clear();
        Ok(())
    }

    /// End the chunk, so that [`TextColumn::chunk`] returns it.
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
            self.chunk.add_dictionary(self.entries.count(), &self.entries.plain)?;
        }
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
        self.entries.clear();
        self.numbers.clear();
        self.direct.clear();
        (self.mode, self.has_dictionary_pages) = (Mode::Trial, false);
    }
}

/// Append dictionary indexes after their width.
pub(crate) fn write_numbers(numbers: &[u32], width: u32, out: &mut Vec<u8>) {
    out.push(width.to_le_bytes()[0]);
    runs::write(numbers, width, out);
}

/// The dictionary's texts as in its page: each after its length.
#[derive(Debug, Default)]
struct Entries {
    slots: Slots,
    plain: Vec<u8>,
    /// The start of each text, after its length, and its end.
    ranges: Vec<(u32, u32)>,
}

impl Entries {
    /// Return the text's index, an existing one or the next; `None` when there is no room.
    #[inline]
    fn number_of(&mut self, text: &[u8]) -> Option<u32> {
        let Self { slots, plain, ranges } = self;
        let text_of = |number: u32| {
            let (start, end) = ranges[number as usize];
            &plain[start as usize..end as usize]
        };
        match slots.find(hash(text), |number| text_of(number) == text) {
            Found::Old(number) => Some(number),
            Found::New(_) if plain.len() + 4 + text.len() > DICTIONARY_BYTES_MAX => None,
            Found::New(number) => {
                #[allow(clippy::cast_possible_truncation)] // within the dictionary's bound
                {
                    plain.extend_from_slice(&(text.len() as u32).to_le_bytes());
                    ranges.push((plain.len() as u32, (plain.len() + text.len()) as u32));
                }
                plain.extend_from_slice(text);
                Some(number)
            }
            Found::Crowded => None,
        }
    }

    fn text(&self, number: u32) -> &[u8] {
        let (start, end) = self.ranges[number as usize];
        &self.plain[start as usize..end as usize]
    }

    fn texts(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count()).map(|number| self.text(number))
    }

    #[allow(clippy::cast_possible_truncation)] // within the dictionary's bound
    fn count(&self) -> u32 {
        self.ranges.len() as u32
    }

    fn clear(&mut self) {
        self.slots.clear();
        self.plain.clear();
        self.ranges.clear();
    }
}

fn hash(text: &[u8]) -> u64 {
    let (words, rest) = text.as_chunks::<8>();
    let state = words.iter().fold(text.len() as u64, |state, word| mix(state, u64::from_le_bytes(*word)));
    #[allow(clippy::cast_possible_truncation)] // fewer than eight bytes
    mix(state, head_of(rest) as u64)
}

/// Return the first bytes of a text as a number, the first byte lowest, with zeros after a short text.
#[inline]
fn head_of(text: &[u8]) -> u128 {
    let first_8 = |text: &[u8]| text.first_chunk().map_or(0, |bytes| u128::from(u64::from_le_bytes(*bytes)));
    let first_4 = |text: &[u8]| text.first_chunk().map_or(0, |bytes| u128::from(u32::from_le_bytes(*bytes)));
    // Two loads that overlap; the bytes that both load are the same.
    match text.len() {
        HEAD_BYTES.. => text.first_chunk().map_or(0, |bytes| u128::from_le_bytes(*bytes)),
        length @ 8.. => first_8(text) | first_8(&text[length - 8..]) << (8 * (length - 8)),
        length @ 4.. => first_4(text) | first_4(&text[length - 4..]) << (8 * (length - 4)),
        _ => text.iter().rev().fold(0, |head, byte| head << 8 | u128::from(*byte)),
    }
}

/// The characters of a page.
#[derive(Debug, Default)]
struct Direct {
    /// Whether texts leave out the prefix in common with the previous one.
    is_front_coded: bool,
    shared: Delta,
    lengths: Delta,
    bytes: Vec<u8>,
    /// The first bytes of the last text, and its length.
    last: (u128, usize),
}

impl Direct {
    /// Choose the encoding of the rest of the chunk, by the distinct texts so far.
    fn begin<'t>(&mut self, texts: impl Iterator<Item = &'t [u8]>) {
        let (mut bytes, mut shared, mut last) = (0, 0, (0, 0));
        for text in texts {
            let head = head_of(text);
            bytes += text.len();
            shared += shared_bytes(last, (head, text.len()));
            last = (head, text.len());
        }
        // Prefix lengths are a second number for each text, which is worth it from an eighth of the bytes on.
        self.is_front_coded = shared * 8 > bytes;
    }

    #[inline]
    fn push(&mut self, text: &[u8]) {
        if !self.is_front_coded {
            self.lengths.push(signed(text.len()));
            self.bytes.extend_from_slice(text);
            return;
        }
        let head = head_of(text);
        let shared = shared_bytes(self.last, (head, text.len()));
        self.last = (head, text.len());
        self.shared.push(signed(shared));
        self.lengths.push(signed(text.len() - shared));
        if text.len() <= HEAD_BYTES {
            // A copy of a constant length, then cut.
            let end = self.bytes.len() + text.len() - shared;
            let rest = if shared < HEAD_BYTES { head >> (8 * shared) } else { 0 };
            self.bytes.extend_from_slice(&rest.to_le_bytes());
            self.bytes.truncate(end);
        } else {
            self.bytes.extend_from_slice(&text[shared..]);
        }
    }

    fn encoding(&self) -> Encoding {
        if self.is_front_coded { Encoding::DeltaByteArray } else { Encoding::DeltaLengthByteArray }
    }

    fn bytes(&self) -> usize {
        self.bytes.len() + self.lengths.bytes() + self.shared.bytes()
    }

    /// Append the page's texts. The next page starts without a previous text.
    fn finish(&mut self, out: &mut Vec<u8>) {
        if self.is_front_coded {
            self.shared.finish(out);
        }
        self.lengths.finish(out);
        out.extend_from_slice(&self.bytes);
        self.clear();
    }

    fn clear(&mut self) {
        self.shared.clear();
        self.lengths.clear();
        self.bytes.clear();
        self.last = (0, 0);
    }
}

/// Return how many bytes two texts have in common at their start, at most those of their heads. A smaller number is
/// valid too.
#[inline]
fn shared_bytes((last, last_length): (u128, usize), (head, length): (u128, usize)) -> usize {
    ((last ^ head).trailing_zeros() as usize / 8).min(last_length).min(length)
}

/// Convert a length, which is far below the bound of a page.
fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
