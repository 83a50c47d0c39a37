//! Group messages of equal block count, so that the four lanes end together. It does not hash.

use crate::Digest;
use crate::padding::blocks_of;
use crate::sha_ni::digest_ordered;

/// Messages sorted at a time: enough that few groups have mixed lengths, and few enough for the stack and for 8-bit
/// positions.
const CHUNK_MESSAGES: usize = 256;

/// Messages of this many blocks or more (1 KiB) share one class: their lanes run together as far as they can.
const CLASSES: usize = 16;

/// Hash in groups of lanes and append the digests in the order of the messages. The CPU must have the SHA instructions.
pub(crate) fn digest_many<'m>(messages: impl IntoIterator<Item = &'m [u8]>, out: &mut Vec<Digest>) {
    let mut messages = messages.into_iter();
    let mut chunk: [&[u8]; CHUNK_MESSAGES] = [&[]; CHUNK_MESSAGES];
    loop {
        let mut filled = 0;
        for (slot, message) in chunk.iter_mut().zip(messages.by_ref()) {
            *slot = message;
            filled += 1;
        }
        let start = out.len();
        out.resize(start + filled, [0; 32]);
        let chunk = &chunk[..filled];
        digest_ordered(chunk, &by_block_count(chunk)[..filled], &mut out[start..]);
        if filled < CHUNK_MESSAGES {
            return;
        }
    }
}

/// Return the messages' positions, sorted by block count (counting sort, stable).
fn by_block_count(messages: &[&[u8]]) -> [u8; CHUNK_MESSAGES] {
    let class = |message: &[u8]| blocks_of(message.len()).min(CLASSES) - 1;
    let mut starts = [0_usize; CLASSES + 1];
    for message in messages {
        starts[class(message) + 1] += 1;
    }
    for index in 1..=CLASSES {
        starts[index] += starts[index - 1];
    }
    let mut order = [0; CHUNK_MESSAGES];
    for (position, message) in (0..=u8::MAX).zip(messages) {
        let slot = &mut starts[class(message)];
        order[*slot] = position;
        *slot += 1;
    }
    order
}
