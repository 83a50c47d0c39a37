//! The kernel for AVX-512: one register a block, masks from comparisons, tokens packed by `vpcompressb`.
//!
//! UTF-8 is checked after Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021).

use std::arch::x86_64::*;

use super::block::{Found, Masks};
use super::kernel::{self, Lanes};
use super::tokens::{CLOSING_QUOTE, LineFeed, Tokens};
use super::x86_avx2::{BYTE_1_HIGH, BYTE_1_LOW, BYTE_2_HIGH};

/// Scan with this kernel. The caller must have asked `Kernel::is_available`.
pub(crate) fn scan(bytes: &[u8], line_feed: LineFeed, tokens: &mut Tokens) {
    // SAFETY: `scan_on` calls this only after `Kernel::is_available`, and it prepared the tokens.
    unsafe { scan_enabled(bytes, line_feed, tokens) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,pclmulqdq,bmi1,bmi2,popcnt")]
unsafe fn scan_enabled(bytes: &[u8], line_feed: LineFeed, tokens: &mut Tokens) {
    // SAFETY: as the caller guarantees.
    unsafe { kernel::scan::<Register>(bytes, line_feed, tokens) }
}

#[derive(Clone, Copy)]
struct Register(__m512i);

/// Repeat a table of 16 in each quarter of a register.
#[inline(always)]
unsafe fn quarters(table: &[u8; 16]) -> __m512i {
    // SAFETY: 16 readable bytes; the caller guarantees the instructions.
    unsafe { _mm512_broadcast_i32x4(_mm_loadu_si128(table.as_ptr().cast())) }
}

/// An operator is the entry at its own low nibble: `{` `}` `:` `,`, and with bit 5 set `[` `]`.
const OPERATORS: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b':', b'{', b',', b'}', 0, 0];
/// A white space byte is the entry at its own low nibble; the other entries are bytes with another low nibble.
const WHITESPACE: [u8; 16] = [b' ', 100, 100, 100, 17, 100, 113, 2, 100, b'\t', b'\n', 112, 100, b'\r', 100, 100];
const INDICES: [u8; 64] = {
    let mut indices = [0; 64];
    let mut index = 0;
    while index < 64 {
        #[allow(clippy::cast_possible_truncation)]
        {
            indices[index] = index as u8;
        }
        index += 1;
    }
    indices
};

#[allow(clippy::cast_possible_wrap)] // T bytes in the type of the intrinsics
impl Lanes for Register {
    #[inline(always)]
    unsafe fn load(bytes: *const u8) -> Self {
        // SAFETY: the caller guarantees 64 readable bytes and the instructions.
        Self(unsafe { _mm512_loadu_si512(bytes.cast()) })
    }

    #[inline(always)]
    unsafe fn masks(self) -> Masks {
        // SAFETY: the caller guarantees the instructions.
        unsafe {
            let bytes = self.0;
            let folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
            Masks {
                quotes: self.equal(b'"'),
                backslashes: self.equal(b'\\'),
                line_feeds: self.equal(b'\n'),
                controls: _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20)),
                operators: _mm512_cmpeq_epi8_mask(folded, _mm512_shuffle_epi8(quarters(&OPERATORS), folded)),
                whitespace: _mm512_cmpeq_epi8_mask(bytes, _mm512_shuffle_epi8(quarters(&WHITESPACE), bytes)),
            }
        }
    }

    #[inline(always)]
    unsafe fn not_ascii(self) -> u64 {
        // SAFETY: the caller guarantees the instructions.
        unsafe { _mm512_movepi8_mask(self.0) }
    }

    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        // SAFETY: the caller guarantees the instructions.
        unsafe { _mm512_cmpeq_epi8_mask(self.0, _mm512_set1_epi8(byte as i8)) }
    }

    #[inline(always)]
    unsafe fn utf8_errors(self, before: [Self; 3]) -> u64 {
        // SAFETY: the caller guarantees the instructions.
        unsafe {
            let [one, two, three] = before.map(|register| register.0);
            let nibble = _mm512_set1_epi8(0x0f);
            let high = |bytes| _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), nibble);
            let special = _mm512_and_si512(
                _mm512_and_si512(
                    _mm512_shuffle_epi8(quarters(&BYTE_1_HIGH), high(one)),
                    _mm512_shuffle_epi8(quarters(&BYTE_1_LOW), _mm512_and_si512(one, nibble)),
                ),
                _mm512_shuffle_epi8(quarters(&BYTE_2_HIGH), high(self.0)),
            );
            let third = _mm512_subs_epu8(two, _mm512_set1_epi8((0xe0_u8 - 0x80) as i8));
            let fourth = _mm512_subs_epu8(three, _mm512_set1_epi8((0xf0_u8 - 0x80) as i8));
            let wanted = _mm512_and_si512(_mm512_or_si512(third, fourth), _mm512_set1_epi8(0x80_u8 as i8));
            let errors = _mm512_xor_si512(wanted, special);
            _mm512_test_epi8_mask(errors, errors)
        }
    }

    #[inline(always)]
    unsafe fn prefix_xor(bits: u64) -> u64 {
        // SAFETY: the caller guarantees the instructions.
        unsafe { super::x86_avx2::prefix_xor(bits) }
    }

    #[inline(always)]
    unsafe fn write_tokens(self, found: &Found, base: u32, positions: *mut u32, kinds: *mut u8) {
        // SAFETY: the caller guarantees room for 64 of each, and for the instructions.
        unsafe {
            let digits =
                _mm512_cmplt_epu8_mask(_mm512_sub_epi8(self.0, _mm512_set1_epi8(b'0' as i8)), _mm512_set1_epi8(10));
            let named = _mm512_mask_mov_epi8(self.0, digits, _mm512_set1_epi8(b'0' as i8));
            let named = _mm512_mask_mov_epi8(named, found.closing_quotes, _mm512_set1_epi8(CLOSING_QUOTE as i8));
            _mm512_storeu_si512(kinds.cast(), _mm512_maskz_compress_epi8(found.tokens, named));
            let indices = _mm512_loadu_si512(INDICES.as_ptr().cast());
            let packed = _mm512_maskz_compress_epi8(found.tokens, indices);
            let base = _mm512_set1_epi32(base as i32);
            let store = |quarter: __m128i, at: usize| {
                let wide = _mm512_add_epi32(_mm512_cvtepu8_epi32(quarter), base);
                _mm512_storeu_si512(positions.add(at).cast(), wide);
            };
            store(_mm512_castsi512_si128(packed), 0);
            store(_mm512_extracti32x4_epi32::<1>(packed), 16);
            if found.tokens.count_ones() > 32 {
                store(_mm512_extracti32x4_epi32::<2>(packed), 32);
                store(_mm512_extracti32x4_epi32::<3>(packed), 48);
            }
        }
    }
}
