//! The kernel for AVX2: two registers a block. UTF-8 is checked as in the AVX-512 kernel.

use std::arch::x86_64::*;

use super::block::{Found, Masks};
use super::kernel::{self, Lanes};
use super::tokens::{CLOSING_QUOTE, LineFeed, Tokens};

/// Scan with this kernel. The caller must have asked `Kernel::is_available`.
pub(crate) fn scan(bytes: &[u8], line_feed: LineFeed, tokens: &mut Tokens) {
    // SAFETY: `scan_on` calls this only after `Kernel::is_available`, and it prepared the tokens.
    unsafe { scan_enabled(bytes, line_feed, tokens) }
}

#[target_feature(enable = "avx2,pclmulqdq,bmi1,bmi2,popcnt")]
unsafe fn scan_enabled(bytes: &[u8], line_feed: LineFeed, tokens: &mut Tokens) {
    // SAFETY: as the caller guarantees.
    unsafe { kernel::scan::<Registers>(bytes, line_feed, tokens) }
}

#[derive(Clone, Copy)]
struct Registers([__m256i; 2]);

const TOO_SHORT: u8 = 1;
const TOO_LONG: u8 = 1 << 1;
const OVERLONG_3: u8 = 1 << 2;
const TOO_LARGE: u8 = 1 << 3;
const SURROGATE: u8 = 1 << 4;
const OVERLONG_2: u8 = 1 << 5;
const TOO_LARGE_1000: u8 = 1 << 6;
const OVERLONG_4: u8 = 1 << 6;
const TWO_CONTINUATIONS: u8 = 1 << 7;
const CARRY: u8 = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS;

/// The errors that are possible for each high nibble of the byte before.
pub(crate) const BYTE_1_HIGH: [u8; 16] = [
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TWO_CONTINUATIONS,
    TWO_CONTINUATIONS,
    TWO_CONTINUATIONS,
    TWO_CONTINUATIONS,
    TOO_SHORT | OVERLONG_2,
    TOO_SHORT,
    TOO_SHORT | OVERLONG_3 | SURROGATE,
    TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
];
/// The errors for its low nibble.
pub(crate) const BYTE_1_LOW: [u8; 16] = [
    CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4,
    CARRY | OVERLONG_2,
    CARRY,
    CARRY,
    CARRY | TOO_LARGE,
    CARRY | TOO_LARGE | TOO_LARGE_1000,
    CARRY | TOO_LARGE | TOO_LARGE_1000,
    CARRY | TOO_LARGE | TOO_LARGE_1000,
    CARRY | TOO_LARGE | TOO_LARGE_1000,
    CARRY | TOO_LARGE | TOO_LARGE_1000,
    CARRY | TOO_LARGE | TOO_LARGE_1000,
    CARRY | TOO_LARGE | TOO_LARGE_1000,
    CARRY | TOO_LARGE | TOO_LARGE_1000,
    CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE,
    CARRY | TOO_LARGE | TOO_LARGE_1000,
    CARRY | TOO_LARGE | TOO_LARGE_1000,
];
/// The errors for the high nibble of the byte itself.
pub(crate) const BYTE_2_HIGH: [u8; 16] = [
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
    TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | OVERLONG_3 | TOO_LARGE,
    TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | SURROGATE | TOO_LARGE,
    TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS | SURROGATE | TOO_LARGE,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
    TOO_SHORT,
];

const OPERATORS: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, b':', b'{', b',', b'}', 0, 0];
const WHITESPACE: [u8; 16] = [b' ', 100, 100, 100, 17, 100, 113, 2, 100, b'\t', b'\n', 112, 100, b'\r', 100, 100];

/// Return the running parity: a carry-less product with all ones.
///
/// # Safety
/// The CPU has carry-less multiplication.
#[inline(always)]
#[allow(clippy::cast_possible_wrap, clippy::cast_sign_loss)] // T 64 bits in the type of the intrinsics
pub(crate) unsafe fn prefix_xor(bits: u64) -> u64 {
    // SAFETY: the caller guarantees the instruction.
    unsafe {
        let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product) as u64
    }
}

#[inline(always)]
unsafe fn halves(table: &[u8; 16]) -> __m256i {
    // SAFETY: 16 readable bytes; the caller guarantees the instructions.
    unsafe { _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast())) }
}

impl Registers {
    #[inline(always)]
    #[allow(clippy::cast_sign_loss)] // T masks in the type of the intrinsics
    unsafe fn bits(halves: [__m256i; 2]) -> u64 {
        // SAFETY: the caller guarantees the instructions.
        let [low, high] = halves.map(|half| u64::from(unsafe { _mm256_movemask_epi8(half) } as u32));
        low | high << 32
    }
}

#[allow(clippy::cast_possible_wrap)] // T bytes in the type of the intrinsics
impl Lanes for Registers {
    #[inline(always)]
    unsafe fn load(bytes: *const u8) -> Self {
        // SAFETY: the caller guarantees 64 readable bytes and the instructions.
        unsafe { Self([_mm256_loadu_si256(bytes.cast()), _mm256_loadu_si256(bytes.add(32).cast())]) }
    }

    #[inline(always)]
    unsafe fn masks(self) -> Masks {
        // SAFETY: the caller guarantees the instructions.
        unsafe {
            let fold = |half| _mm256_or_si256(half, _mm256_set1_epi8(0x20));
            let is_control = |half| _mm256_cmpeq_epi8(_mm256_min_epu8(half, _mm256_set1_epi8(0x1f)), half);
            let is_operator = |half| _mm256_cmpeq_epi8(fold(half), _mm256_shuffle_epi8(halves(&OPERATORS), fold(half)));
            let is_space = |half| _mm256_cmpeq_epi8(half, _mm256_shuffle_epi8(halves(&WHITESPACE), half));
            Masks {
                quotes: self.equal(b'"'),
                backslashes: self.equal(b'\\'),
                line_feeds: self.equal(b'\n'),
                controls: Self::bits(self.0.map(is_control)),
                operators: Self::bits(self.0.map(is_operator)),
                whitespace: Self::bits(self.0.map(is_space)),
            }
        }
    }

    #[inline(always)]
    unsafe fn not_ascii(self) -> u64 {
        // SAFETY: the caller guarantees the instructions.
        unsafe { Self::bits(self.0) }
    }

    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        // SAFETY: the caller guarantees the instructions.
        unsafe { Self::bits(self.0.map(|half| _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte as i8)))) }
    }

    #[inline(always)]
    unsafe fn utf8_errors(self, before: [Self; 3]) -> u64 {
        let mut errors = self.0;
        for (half, error) in errors.iter_mut().enumerate() {
            // SAFETY: the caller guarantees the instructions.
            unsafe {
                let (now, [one, two, three]) = (self.0[half], before.map(|registers| registers.0[half]));
                let nibble = _mm256_set1_epi8(0x0f);
                let high = |bytes| _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble);
                let special = _mm256_and_si256(
                    _mm256_and_si256(
                        _mm256_shuffle_epi8(halves(&BYTE_1_HIGH), high(one)),
                        _mm256_shuffle_epi8(halves(&BYTE_1_LOW), _mm256_and_si256(one, nibble)),
                    ),
                    _mm256_shuffle_epi8(halves(&BYTE_2_HIGH), high(now)),
                );
                let third = _mm256_subs_epu8(two, _mm256_set1_epi8((0xe0_u8 - 0x80) as i8));
                let fourth = _mm256_subs_epu8(three, _mm256_set1_epi8((0xf0_u8 - 0x80) as i8));
                let wanted = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(0x80_u8 as i8));
                let wrong = _mm256_xor_si256(wanted, special);
                *error = _mm256_xor_si256(_mm256_cmpeq_epi8(wrong, _mm256_setzero_si256()), _mm256_set1_epi8(-1));
            }
        }
        // SAFETY: the caller guarantees the instructions.
        unsafe { Self::bits(errors) }
    }

    #[inline(always)]
    unsafe fn prefix_xor(bits: u64) -> u64 {
        // SAFETY: the caller guarantees the instructions.
        unsafe { prefix_xor(bits) }
    }

    #[inline(always)]
    unsafe fn write_tokens(self, found: &Found, base: u32, positions: *mut u32, kinds: *mut u8) {
        let mut named = [0_u8; 64];
        // SAFETY: 64 bytes fit; the caller guarantees the instructions.
        unsafe {
            let name = |half| {
                let offset = _mm256_sub_epi8(half, _mm256_set1_epi8(b'0' as i8));
                let is_digit = _mm256_cmpeq_epi8(_mm256_min_epu8(offset, _mm256_set1_epi8(9)), offset);
                _mm256_blendv_epi8(half, _mm256_set1_epi8(b'0' as i8), is_digit)
            };
            _mm256_storeu_si256(named.as_mut_ptr().cast(), name(self.0[0]));
            _mm256_storeu_si256(named.as_mut_ptr().add(32).cast(), name(self.0[1]));
        }
        let (mut tokens, mut written) = (found.tokens, 0);
        while tokens != 0 {
            let place = tokens.trailing_zeros();
            let is_closing = found.closing_quotes >> place & 1 != 0;
            // SAFETY: a block has at most 64 tokens, and the caller guarantees room for as many.
            unsafe {
                positions.add(written).write(base + place);
                kinds.add(written).write(if is_closing { CLOSING_QUOTE } else { named[place as usize] });
            }
            written += 1;
            tokens &= tokens - 1;
        }
    }
}
