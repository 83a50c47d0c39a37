//! The end of a SHA-256 message (FIPS 180-4 §5.1.1): a one bit, zeros, the length in bits. It does not hash.

/// Bytes of a SHA-256 block.
pub(crate) const BLOCK_BYTES: usize = 64;

/// Bytes of one load or store.
const VECTOR_BYTES: usize = 16;

/// A block.
pub(crate) type Block = [u8; BLOCK_BYTES];

/// The padding is at least the one bit's byte and eight bytes of length.
const PADDING_BYTES_MIN: usize = 9;

/// Return the number of blocks of a message, padding included.
#[inline]
pub(crate) fn blocks_of(message_bytes: usize) -> usize {
    (message_bytes + PADDING_BYTES_MIN).div_ceil(BLOCK_BYTES)
}

/// The last one or two blocks of a message: its remaining bytes and the padding.
pub(crate) struct Tail {
    blocks: [Block; 2],
}

impl Tail {
    pub(crate) const EMPTY: Self = Self { blocks: [[0; BLOCK_BYTES]; 2] };

    /// Make `count` (1 or 2) blocks from `first` on, which must be the message's last ones.
    ///
    /// Whole vectors are copied, the last one overlapping: a copy of unknown length would call the library, which costs
    /// more.
    #[inline]
    pub(crate) fn fill(&mut self, message: &[u8], first: usize, count: usize) {
        self.blocks = Self::EMPTY.blocks;
        let flat = &mut self.blocks.as_flattened_mut()[..count * BLOCK_BYTES];
        let rest = &message[first * BLOCK_BYTES..];
        let (vectors, remainder) = rest.as_chunks::<VECTOR_BYTES>();
        for (to, from) in flat.as_chunks_mut::<VECTOR_BYTES>().0.iter_mut().zip(vectors) {
            *to = *from;
        }
        match rest.last_chunk::<VECTOR_BYTES>() {
            Some(last) => flat[rest.len() - VECTOR_BYTES..][..VECTOR_BYTES].copy_from_slice(last),
            None => flat[..remainder.len()].copy_from_slice(remainder),
        }
        flat[rest.len()] = 0x80;
        if let Some(length) = flat.last_chunk_mut() {
            *length = ((message.len() as u64) << 3).to_be_bytes();
        }
    }

    #[inline]
    pub(crate) fn blocks(&self, count: usize) -> &[Block] {
        &self.blocks[..count]
    }
}
