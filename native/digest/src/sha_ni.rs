//! Four SHA-256 messages interleaved over the x86 SHA instructions. The caller chooses which messages are grouped.
//!
//! The rounds of one message form a chain: `sha256rnds2` takes 4 cycles and the next one needs its result, while the
//! unit could start one every second cycle. Measured on a Zen 4 class core for 150 bytes (3 blocks): 1 lane 115 ns, 2
//! lanes 59, 4 lanes 49, the unit's own limit. Sixteen AVX-512 lanes need about 25 vector instructions a round and are
//! slower there.
//!
//! `unsafe` is needed for two things. Calling a function compiled for CPU features from another one is unsound where
//! the CPU lacks them: [`digest_ordered`] is the only such call, and it checks. Vector loads and stores take raw
//! pointers: `load` and `store` make them from references to exactly the bytes accessed.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128, _mm_set_epi64x, _mm_setzero_si128,
    _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
    _mm_storeu_si128,
};

use crate::padding::{Block, Tail, blocks_of};
use crate::{Digest, Path};

/// Messages in flight. Eight would spill every register and gain nothing: four already fill the SHA unit.
pub(crate) const LANES: usize = 4;

/// FIPS 180-4 §4.2.2, four constants a vector.
#[repr(align(16))]
struct Constants([[u32; 4]; 16]);

static K: Constants = Constants([
    [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
    [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
    [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
    [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
    [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
    [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
    [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
    [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
    [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
    [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
    [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
    [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
    [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
]);

/// FIPS 180-4 §5.3.3 in the order of the SHA instructions: ABEF and CDGH, the first letter in the highest word.
const INITIAL: [[u32; 4]; 2] =
    [[0x9b05_688c, 0x510e_527f, 0xbb67_ae85, 0x6a09_e667], [0x5be0_cd19, 0x1f83_d9ab, 0xa54f_f53a, 0x3c6e_f372]];

/// The two halves of each lane's state.
type States = [[__m128i; 2]; LANES];

/// Hash the messages in the given order, four at once, and put each digest at its message's position. It is fastest
/// when neighbours in the order have equally many blocks.
///
/// # Panics
/// The CPU lacks the instructions, which the caller must check.
pub(crate) fn digest_ordered(messages: &[&[u8]], order: &[u8], digests: &mut [Digest]) {
    assert!(Path::ShaNi.is_available(), "dispatched to SHA instructions that this CPU lacks");
    // SAFETY: the CPU has every feature that `groups` is compiled for, as asserted above.
    unsafe { groups(messages, order, digests) }
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn groups(messages: &[&[u8]], order: &[u8], digests: &mut [Digest]) {
    let mut tails = [Tail::EMPTY; LANES];
    for group in order.chunks(LANES) {
        // A group that is not full repeats its first message. That is rare (one group a chunk), and simpler than fewer
        // lanes.
        let mut positions = [usize::from(group[0]); LANES];
        for (position, place) in positions.iter_mut().zip(group) {
            *position = usize::from(*place);
        }
        let mut lanes: [&[u8]; LANES] = [&[]; LANES];
        let mut totals = [0; LANES];
        let mut differing = 0;
        for lane in 0..LANES {
            lanes[lane] = messages[positions[lane]];
            totals[lane] = blocks_of(lanes[lane].len());
            differing |= totals[lane] ^ totals[0];
        }
        let mut states = [[load_words(&INITIAL[0]), load_words(&INITIAL[1])]; LANES];
        if differing == 0 {
            even(&mut states, &mut tails, &lanes, totals[0]);
        } else {
            uneven(&mut states, &mut tails, &lanes, &totals);
        }
        for lane in 0..LANES {
            store_digest(states[lane], &mut digests[positions[lane]]);
        }
    }
}

/// Hash four messages of equally many blocks: the last two blocks from a padded copy, those before from the messages
/// themselves.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn even(states: &mut States, tails: &mut [Tail; LANES], messages: &[&[u8]; LANES], total: usize) {
    let direct = total.saturating_sub(2);
    let mut lanes: [&[Block]; LANES] = [&[]; LANES];
    for lane in 0..LANES {
        // Filled before the first block is hashed, so that the stores are complete when they are loaded.
        tails[lane].fill(messages[lane], direct, total - direct);
        lanes[lane] = &messages[lane].as_chunks().0[..direct];
    }
    compress(states, &lanes);
    for lane in 0..LANES {
        lanes[lane] = tails[lane].blocks(total - direct);
    }
    compress(states, &lanes);
}

/// Hash four messages together up to the end of the shortest, then each by itself.
#[target_feature(enable = "sha,sse4.1,ssse3")]
fn uneven(states: &mut States, tails: &mut [Tail; LANES], messages: &[&[u8]; LANES], totals: &[usize; LANES]) {
    let common = totals.iter().min().map_or(0, |least| least.saturating_sub(2));
    compress(states, &messages.map(|message| &message.as_chunks().0[..common]));
    for (lane, message) in messages.iter().enumerate() {
        let direct = totals[lane].saturating_sub(2);
        let count = totals[lane] - direct;
        let mut alone = [states[lane]];
        compress(&mut alone, &[&message.as_chunks().0[common..direct]]);
        tails[lane].fill(message, direct, count);
        compress(&mut alone, &[tails[lane].blocks(count)]);
        states[lane] = alone[0];
    }
}

/// Run the compression function over equally many blocks of every lane.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn compress<const N: usize>(states: &mut [[__m128i; 2]; N], lanes: &[&[Block]; N]) {
    let count = lanes[0].len();
    for index in 0..count {
        let before = *states;
        let mut words = [[_mm_setzero_si128(); 4]; N];
        for (words, lane) in words.iter_mut().zip(lanes) {
            *words = load_block(&lane[index]);
        }
        // Unrolled by hand, as the compiler would keep the sixteen steps a loop, with the schedule's words in memory.
        step::<N, 0>(states, &mut words);
        step::<N, 1>(states, &mut words);
        step::<N, 2>(states, &mut words);
        step::<N, 3>(states, &mut words);
        step::<N, 4>(states, &mut words);
        step::<N, 5>(states, &mut words);
        step::<N, 6>(states, &mut words);
        step::<N, 7>(states, &mut words);
        step::<N, 8>(states, &mut words);
        step::<N, 9>(states, &mut words);
        step::<N, 10>(states, &mut words);
        step::<N, 11>(states, &mut words);
        step::<N, 12>(states, &mut words);
        step::<N, 13>(states, &mut words);
        step::<N, 14>(states, &mut words);
        step::<N, 15>(states, &mut words);
        for (state, before) in states.iter_mut().zip(before) {
            state[0] = _mm_add_epi32(state[0], before[0]);
            state[1] = _mm_add_epi32(state[1], before[1]);
        }
    }
}

/// Compute four rounds of every lane; from step 4 on with words of the message schedule (FIPS 180-4 §6.2.2).
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn step<const N: usize, const STEP: usize>(states: &mut [[__m128i; 2]; N], words: &mut [[__m128i; 4]; N]) {
    let constants = load_words(&K.0[STEP]);
    let (now, next, third, last) = (STEP & 3, (STEP + 1) & 3, (STEP + 2) & 3, (STEP + 3) & 3);
    for (state, word) in states.iter_mut().zip(words) {
        if STEP >= 4 {
            let sum = _mm_sha256msg1_epu32(word[now], word[next]);
            let sum = _mm_add_epi32(sum, _mm_alignr_epi8(word[last], word[third], 4));
            word[now] = _mm_sha256msg2_epu32(sum, word[last]);
        }
        let sum = _mm_add_epi32(word[now], constants);
        let [abef, cdgh] = state;
        *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, sum);
        *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn load_block(block: &Block) -> [__m128i; 4] {
    let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let (quarters, _) = block.as_chunks::<16>();
    [
        _mm_shuffle_epi8(load(&quarters[0]), big_endian),
        _mm_shuffle_epi8(load(&quarters[1]), big_endian),
        _mm_shuffle_epi8(load(&quarters[2]), big_endian),
        _mm_shuffle_epi8(load(&quarters[3]), big_endian),
    ]
}

/// Write the digest's bytes of a state.
#[target_feature(enable = "sha,sse4.1,ssse3")]
#[inline]
fn store_digest(state: [__m128i; 2], digest: &mut Digest) {
    let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let feba = _mm_shuffle_epi32(state[0], 0x1b);
    let dchg = _mm_shuffle_epi32(state[1], 0xb1);
    let (halves, _) = digest.as_chunks_mut::<16>();
    store(&mut halves[0], _mm_shuffle_epi8(_mm_blend_epi16(feba, dchg, 0xf0), big_endian));
    store(&mut halves[1], _mm_shuffle_epi8(_mm_alignr_epi8(dchg, feba, 8), big_endian));
}

#[target_feature(enable = "sse2")]
#[inline]
fn load(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: the reference covers exactly the 16 bytes read; the load needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "sse2")]
#[inline]
fn load_words(words: &[u32; 4]) -> __m128i {
    // SAFETY: the reference covers exactly the 16 bytes read; the load needs no alignment.
    unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
}

#[target_feature(enable = "sse2")]
#[inline]
fn store(bytes: &mut [u8; 16], vector: __m128i) {
    // SAFETY: the reference covers exactly the 16 bytes written, exclusively; the store needs no alignment.
    unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), vector) }
}
