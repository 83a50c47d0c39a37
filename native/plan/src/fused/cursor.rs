//! Write into memory that was reserved before: short values are copied by whole registers, without a check of the
//! bound. It knows nothing of what is written.

/// Bytes that may be written after a value's end.
pub(crate) const SLACK_BYTES: usize = 64;

const CHUNK_BYTES: usize = 16;

/// A constant with padding after it, so that it can be copied in chunks.
#[derive(Debug, Clone)]
pub(crate) struct Constant {
    padded: Box<[u8]>,
    length: usize,
}

impl Constant {
    pub(crate) fn new(text: &[u8]) -> Self {
        let mut padded = text.to_vec();
        padded.resize(text.len() + CHUNK_BYTES, 0);
        Self { padded: padded.into_boxed_slice(), length: text.len() }
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }
}

/// A position in a vector's spare memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor {
    pub(crate) at: *mut u8,
}

const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Return the high bit of each byte that is zero. Bytes after the first zero byte may be marked wrongly.
#[inline(always)]
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(each(1)) & !word & each(0x80)
}

impl Cursor {
    /// Copy in chunks of sixteen.
    ///
    /// # Safety
    /// `from` is readable, and the cursor writable, for `length` bytes and one chunk more.
    #[inline(always)]
    pub(crate) unsafe fn copy(&mut self, from: *const u8, length: usize) {
        let mut done = 0;
        loop {
            // SAFETY: the caller guarantees the lengths; source and target are different allocations.
            unsafe { self.at.add(done).copy_from_nonoverlapping(from.add(done), CHUNK_BYTES) };
            done += CHUNK_BYTES;
            if done >= length {
                break;
            }
        }
        // SAFETY: within the reserved memory.
        self.at = unsafe { self.at.add(length) };
    }

    /// Copy a constant.
    ///
    /// # Safety
    /// The cursor is writable for the constant's length and one chunk more.
    #[inline(always)]
    pub(crate) unsafe fn constant(&mut self, constant: &Constant) {
        // SAFETY: a constant is padded.
        unsafe { self.copy(constant.padded.as_ptr(), constant.length) };
    }

    /// Copy as [`Cursor::copy`] does, and return whether a backslash was among the bytes.
    ///
    /// # Safety
    /// As for [`Cursor::copy`].
    #[inline(always)]
    pub(crate) unsafe fn copy_seeking_backslash(&mut self, from: *const u8, length: usize) -> bool {
        let mut done = 0;
        let mut found = 0;
        loop {
            // SAFETY: as the caller guarantees.
            let words = unsafe { from.add(done).cast::<[[u8; 8]; 2]>().read() }.map(u64::from_le_bytes);
            // SAFETY: as the caller guarantees.
            unsafe { self.at.add(done).cast::<[[u8; 8]; 2]>().write(words.map(u64::to_le_bytes)) };
            let left = length - done;
            for (index, word) in words.into_iter().enumerate() {
                let valid = left.saturating_sub(8 * index).min(8);
                let mask = if valid == 8 { u64::MAX } else { (1 << (8 * valid)) - 1 };
                found |= zero_bytes((word ^ each(b'\\')) | !mask);
            }
            done += CHUNK_BYTES;
            if done >= length {
                break;
            }
        }
        // SAFETY: within the reserved memory.
        self.at = unsafe { self.at.add(length) };
        found != 0
    }

    /// Copy text whose length is a constant where this is inlined.
    ///
    /// # Safety
    /// The cursor is writable for the text's length.
    #[inline(always)]
    pub(crate) unsafe fn copy_exact(&mut self, text: &[u8]) {
        // SAFETY: as the caller guarantees.
        unsafe {
            self.at.copy_from_nonoverlapping(text.as_ptr(), text.len());
            self.at = self.at.add(text.len());
        }
    }

    /// Write one byte.
    ///
    /// # Safety
    /// The cursor is writable.
    #[inline(always)]
    pub(crate) unsafe fn byte(&mut self, byte: u8) {
        // SAFETY: as the caller guarantees.
        unsafe {
            self.at.write(byte);
            self.at = self.at.add(1);
        }
    }
}
