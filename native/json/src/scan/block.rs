//! Bit arithmetic on one block of 64 bytes: from classes of bytes to the positions of tokens. It loads no bytes.
//!
//! Source: Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (VLDB Journal 28, 2019), §3.1, and simdjson's
//! branch-free treatment of runs of backslashes.

/// Bytes of a block: as many as a 64-bit mask has bits.
pub(crate) const BLOCK_BYTES: usize = 64;

/// The class of each byte of a block, one bit a byte.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Masks {
    pub(crate) quotes: u64,
    pub(crate) backslashes: u64,
    pub(crate) line_feeds: u64,
    /// Below U+0020.
    pub(crate) controls: u64,
    /// `{}[]:,`, and possibly control characters that look like them in a nibble table.
    pub(crate) operators: u64,
    pub(crate) whitespace: u64,
}

/// The state that is carried from one block to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Carry {
    /// All ones when the block starts within a string.
    in_string: u64,
    /// 1 when the first byte is escaped.
    escaped: u64,
    /// 1 when the last byte before the block belonged to a scalar other than a string.
    scalar: u64,
}

/// The tokens of a block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) tokens: u64,
    pub(crate) closing_quotes: u64,
    pub(crate) escaped: u64,
    /// Control characters within strings.
    pub(crate) suspects: u64,
    /// Bytes up to and including the first line feed within a string; 64 when there is none.
    pub(crate) used_bytes: usize,
}

impl Carry {
    /// Find the block's tokens. `prefix_xor` computes the running parity of bits.
    #[inline(always)]
    pub(crate) fn next(&mut self, masks: &Masks, prefix_xor: impl Fn(u64) -> u64) -> Found {
        let escaped =
            if masks.backslashes == 0 { std::mem::take(&mut self.escaped) } else { self.escaped_by(masks.backslashes) };
        let quotes = masks.quotes & !escaped;
        let in_string = prefix_xor(quotes) ^ self.in_string;
        let broken = masks.line_feeds & in_string;
        let scalars = !(masks.operators | masks.whitespace);
        let plain_scalars = scalars & !quotes;
        let starts = plain_scalars & !((plain_scalars << 1) | self.scalar);
        let closing_quotes = quotes & !in_string;
        let tokens = ((masks.operators | starts) & !in_string) | quotes | masks.line_feeds;
        let suspects = masks.controls & in_string & !masks.line_feeds;
        if broken != 0 {
            return self.cut(broken, Found { tokens, closing_quotes, escaped, suspects, used_bytes: BLOCK_BYTES });
        }
        #[allow(clippy::cast_possible_wrap, clippy::cast_sign_loss)] // spreads the last bit
        {
            self.in_string = (in_string as i64 >> 63) as u64;
        }
        self.scalar = plain_scalars >> 63;
        Found { tokens, closing_quotes, escaped, suspects, used_bytes: BLOCK_BYTES }
    }

    /// Return the bytes that are escaped by a backslash before them.
    #[inline(always)]
    fn escaped_by(&mut self, backslashes: u64) -> u64 {
        const ODD_BITS: u64 = 0xaaaa_aaaa_aaaa_aaaa;
        let potential = backslashes & !self.escaped;
        let codes = ((potential << 1) | ODD_BITS).wrapping_sub(potential) ^ ODD_BITS;
        let escaped = codes ^ (backslashes | self.escaped);
        self.escaped = (codes & backslashes) >> 63;
        escaped
    }

    /// Keep the tokens up to the first line that ends within a string, and restart after that line.
    #[cold]
    fn cut(&mut self, broken: u64, found: Found) -> Found {
        *self = Self::default();
        let first = broken & broken.wrapping_neg();
        let kept = first | (first - 1);
        Found {
            tokens: found.tokens & kept,
            closing_quotes: found.closing_quotes & kept,
            escaped: found.escaped & kept,
            suspects: found.suspects & kept,
            used_bytes: first.trailing_zeros() as usize + 1,
        }
    }
}
