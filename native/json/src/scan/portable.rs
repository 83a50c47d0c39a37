//! The kernel for any CPU: the same masks, byte by byte through tables. It uses no vector instruction explicitly.

use super::block::{BLOCK_BYTES, Found, Masks};
use super::kernel::{self, Lanes};
use super::tokens::{LineFeed, Tokens};

const QUOTE: u8 = 1;
const BACKSLASH: u8 = 2;
const LINE_FEED: u8 = 4;
const CONTROL: u8 = 8;
const OPERATOR: u8 = 16;
const WHITESPACE: u8 = 32;

/// The class of each byte.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[allow(clippy::cast_possible_truncation)]
        let class = match byte as u8 {
            b'"' => QUOTE,
            b'\\' => BACKSLASH,
            b'\n' => LINE_FEED | CONTROL | WHITESPACE,
            b'\t' | b'\r' => CONTROL | WHITESPACE,
            b' ' => WHITESPACE,
            b'{' | b'}' | b'[' | b']' | b':' | b',' => OPERATOR,
            0..0x20 => CONTROL,
            _ => 0,
        };
        classes[byte] = class;
        byte += 1;
    }
    classes
};

#[derive(Clone, Copy)]
struct Bytes([u8; BLOCK_BYTES]);

/// Scan with this kernel.
pub(crate) fn scan(bytes: &[u8], line_feed: LineFeed, tokens: &mut Tokens) {
    // SAFETY: it needs no special instructions; `scan_on` prepared the tokens.
    unsafe { kernel::scan::<Bytes>(bytes, line_feed, tokens) }
}

impl Bytes {
    #[inline]
    fn bits(self, is: impl Fn(u8) -> bool) -> u64 {
        self.0.iter().rev().fold(0, |bits, &byte| (bits << 1) | u64::from(is(byte)))
    }
}

impl Lanes for Bytes {
    #[inline(always)]
    unsafe fn load(bytes: *const u8) -> Self {
        // SAFETY: the caller guarantees 64 readable bytes; an array of bytes has no alignment.
        Self(unsafe { bytes.cast::<[u8; BLOCK_BYTES]>().read() })
    }

    #[inline(always)]
    unsafe fn masks(self) -> Masks {
        let mut masks = Masks::default();
        for (place, &byte) in self.0.iter().enumerate() {
            let class = CLASSES[usize::from(byte)];
            let bit = |flag: u8| u64::from(class & flag != 0) << place;
            masks.quotes |= bit(QUOTE);
            masks.backslashes |= bit(BACKSLASH);
            masks.line_feeds |= bit(LINE_FEED);
            masks.controls |= bit(CONTROL);
            masks.operators |= bit(OPERATOR);
            masks.whitespace |= bit(WHITESPACE);
        }
        masks
    }

    #[inline(always)]
    unsafe fn not_ascii(self) -> u64 {
        self.bits(|byte| byte >= 0x80)
    }

    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        self.bits(|other| other == byte)
    }

    unsafe fn utf8_errors(self, before: [Self; 3]) -> u64 {
        let mut errors = 0;
        for place in 0..BLOCK_BYTES {
            let [one, two, three] = before.map(|block| block.0[place]);
            errors |= u64::from(breaks_utf8(self.0[place], one, two, three)) << place;
        }
        errors
    }

    #[inline(always)]
    unsafe fn prefix_xor(mut bits: u64) -> u64 {
        for distance in [1, 2, 4, 8, 16, 32] {
            bits ^= bits << distance;
        }
        bits
    }

    #[inline(always)]
    unsafe fn write_tokens(self, found: &Found, base: u32, mut positions: *mut u32, mut kinds: *mut u8) {
        let mut tokens = found.tokens;
        while tokens != 0 {
            let place = tokens.trailing_zeros();
            let is_closing = found.closing_quotes >> place & 1 != 0;
            let byte = self.0[place as usize];
            let kind = match byte {
                _ if is_closing => super::CLOSING_QUOTE,
                b'0'..=b'9' => b'0',
                _ => byte,
            };
            // SAFETY: a block has at most 64 tokens, and the caller guarantees room for as many.
            unsafe {
                positions.write(base + place);
                kinds.write(kind);
                (positions, kinds) = (positions.add(1), kinds.add(1));
            }
            tokens &= tokens - 1;
        }
    }
}

/// Return whether a byte can't follow the three before it (Unicode 16, table 3-7). Each error is reported at the first
/// byte where it is certain.
fn breaks_utf8(byte: u8, one: u8, two: u8, three: u8) -> bool {
    let continues = |byte: u8| (0x80..0xc0).contains(&byte);
    let wanted = one >= 0xc0 || (continues(one) && (two >= 0xe0 || (continues(two) && three >= 0xf0)));
    if continues(byte) != wanted {
        return true;
    }
    match one {
        0xc0 | 0xc1 | 0xf5..=0xff => true,
        0xe0 => byte < 0xa0,
        0xed => byte >= 0xa0,
        0xf0 => byte < 0x90,
        0xf4 => byte >= 0x90,
        _ => false,
    }
}
