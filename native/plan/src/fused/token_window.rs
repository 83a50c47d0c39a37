//! A page's tokens, a window of the page at a time. It holds no more of the page than the window, so a page of any length costs the same
//! memory, and the window stays in the cache. It knows values and keys, not where records are.

use std::fmt;
use std::io::{ErrorKind, Read};
use std::ops::Range;

use chartly_json::scan::{CLOSING_QUOTE, Kernel, Tokens, scan_text};

use super::cursor::SLACK_BYTES;
use super::gave_up::GaveUp;
use super::walk::{DEPTH_MAX, Piece, Walk};

/// As the worker's windows, and for the same reason.
const WINDOW_BYTES: usize = 64 << 10;

/// A longer value beside the way, or record, is not worth a window; the complete parser takes the page.
const WINDOW_BYTES_MAX: usize = 256 << 20;

/// Where a page's bytes come from, from its begin to its end.
pub type PageReader<'r> = Box<dyn Read + Send + 'r>;

pub(crate) struct Tape<'r> {
    reader: PageReader<'r>,
    has_ended: bool,
    /// Why the page could not be read on; then the tape gave up.
    failed: Option<std::io::Error>,
    /// The window's bytes, with line feeds behind them for as long as a register reaches.
    buffer: Vec<u8>,
    filled: usize,
    /// Where the window starts in the page.
    base: u64,
    window: usize,
    tokens: Tokens,
    /// The next token.
    pub(crate) at: usize,
    /// The key that was passed last.
    pub(crate) last_key: String,
}

impl fmt::Debug for Tape<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base, filled, at, failed, .. } = self;
        let mut shown = formatter.debug_struct("Tape");
        shown
            .field("base", base)
            .field("filled", filled)
            .field("at", at)
            .field("failed", failed)
            .finish_non_exhaustive()
    }
}

impl<'r> Tape<'r> {
    pub(crate) fn new(kernel: Kernel, reader: PageReader<'r>) -> Result<Self, GaveUp> {
        let mut tape = Self {
            reader,
            has_ended: false,
            failed: None,
            buffer: Vec::new(),
            filled: 0,
            base: 0,
            window: WINDOW_BYTES,
            tokens: Tokens::on(kernel),
            at: 0,
            last_key: String::new(),
        };
        tape.fill(0)?;
        Ok(tape)
    }

    /// Keeps the window's bytes from `kept` on, reads behind them, and finds the tokens.
    fn fill(&mut self, kept: usize) -> Result<(), GaveUp> {
        self.buffer.copy_within(kept..self.filled, 0);
        self.filled -= kept;
        self.base += kept as u64;
        // Only a value longer than all before it makes the buffer grow; it is zeroed once.
        if self.buffer.len() < self.window + SLACK_BYTES {
            self.buffer.resize(self.window + SLACK_BYTES, 0);
        }
        while self.filled < self.window && !self.has_ended {
            match self.reader.read(&mut self.buffer[self.filled..self.window]) {
                Ok(0) => self.has_ended = true,
                Ok(bytes) => self.filled += bytes,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(error);
                    return Err(GaveUp);
                }
            }
        }
        self.buffer[self.filled..self.filled + SLACK_BYTES].fill(b'\n');
        scan_text(&self.buffer[..self.filled], &mut self.tokens);
        self.at = 0;
        Ok(())
    }

    /// Why the page could not be read on, when that is why the tape gave up.
    pub(crate) fn take_failure(&mut self) -> Option<std::io::Error> {
        self.failed.take()
    }

    /// Bytes of the page up to the window's end; all of them once the page has ended.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.base + self.filled as u64
    }

    /// The window's bytes and tokens, readable for 64 bytes behind any token.
    pub(crate) fn readable(&self) -> Piece<'_> {
        Piece { padded: &self.buffer[..self.filled + SLACK_BYTES], tokens: &self.tokens }
    }

    /// A part of the page that lies in the window, as what was passed last does.
    pub(crate) fn text(&self, range: Range<u64>) -> &[u8] {
        // Within the window, and so within memory.
        #[allow(clippy::cast_possible_truncation)]
        let (start, end) = ((range.start - self.base) as usize, (range.end - self.base) as usize);
        &self.buffer[start..end]
    }

    /// Where the next token is in the page.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.place(self.at) as u64
    }

    /// Where a value ends whose last token is the one before this.
    pub(crate) fn end_before(&self, after: usize) -> u64 {
        self.base + self.place(after - 1) as u64 + 1
    }

    /// Where a value that starts with the next token lies, if it may end before a token: within the window, and sound.
    pub(crate) fn span_before(&self, after: usize) -> Option<Range<u64>> {
        let is_whole = after < self.tokens.count() || self.has_ended;
        let span = self.place(self.at)..self.place(after - 1) + 1;
        let is_suspect = |place: &u32| span.contains(&(*place as usize));
        (is_whole && !self.tokens.suspects().iter().any(is_suspect)).then(|| self.in_page(&span))
    }

    /// Whether the next value lies in this window as a whole.
    pub(crate) fn holds_value(&self) -> bool {
        self.is_whole(self.walk().skip_value(self.at, 0))
    }

    /// Whether a value that ends before a token does not go on behind the window, as a scalar at its end may.
    fn is_whole(&self, after: usize) -> bool {
        after < self.tokens.count() || (after == self.tokens.count() && self.has_ended)
    }

    fn walk(&self) -> Walk<'_> {
        Walk {
            data: self.buffer.as_ptr(),
            positions: self.tokens.positions(),
            kinds: self.tokens.kinds(),
            nodes: &[],
            keys: &mut [],
            slots: &mut [],
            failure: self.tokens.count() + 1,
            depth_max: DEPTH_MAX,
        }
    }

    /// Where a token is in the window.
    fn place(&self, token: usize) -> usize {
        self.tokens.positions()[token] as usize
    }

    fn in_page(&self, window: &Range<usize>) -> Range<u64> {
        self.base + window.start as u64..self.base + window.end as u64
    }

    /// Starts the next window at the next token, or makes this one larger when it starts there already.
    pub(crate) fn move_on(&mut self) -> Result<(), GaveUp> {
        if self.has_ended {
            return Err(GaveUp);
        }
        let next = self.place(self.at);
        self.check_suspects(next)?;
        self.window = if next == 0 { self.window * 2 } else { WINDOW_BYTES };
        // A window that was made larger may hold more behind the next token than an ordinary one.
        self.window = self.window.max(self.filled - next);
        if self.window > WINDOW_BYTES_MAX {
            return Err(GaveUp);
        }
        self.fill(next)
    }

    /// Whether nothing before this place breaks I-JSON; behind it, the window's end may only look like it does.
    fn check_suspects(&self, before: usize) -> Result<(), GaveUp> {
        let first = self.tokens.suspects().first();
        if first.is_some_and(|place| (*place as usize) < before) { Err(GaveUp) } else { Ok(()) }
    }

    /// The next token's kind, with `ahead` more of them in the window.
    pub(crate) fn kind(&mut self, ahead: usize) -> Result<u8, GaveUp> {
        while self.at + ahead >= self.tokens.count() {
            self.move_on()?;
        }
        Ok(self.tokens.kinds()[self.at])
    }

    /// Passes a whole value and gives its place; it is in the window then.
    pub(crate) fn skip(&mut self) -> Result<Range<u64>, GaveUp> {
        loop {
            self.kind(0)?;
            let first = self.at;
            let after = self.walk().skip_value(first, 0);
            if self.is_whole(after) {
                let start = self.place(first);
                let end = match self.tokens.kinds()[first] {
                    b'"' | b'{' | b'[' => self.place(after - 1) + 1,
                    _ => start + self.buffer[start..self.place(after)].trim_ascii_end().len(),
                };
                self.at = after;
                return Ok(self.in_page(&(start..end)));
            }
            self.move_on()?;
        }
    }

    /// A key and its colon; keys with escapes are for the complete parser.
    pub(crate) fn key(&mut self) -> Result<String, GaveUp> {
        self.kind(3)?;
        let kinds = &self.tokens.kinds()[self.at..self.at + 3];
        if kinds != [b'"', CLOSING_QUOTE, b':'] {
            return Err(GaveUp);
        }
        let text = &self.buffer[self.place(self.at) + 1..self.place(self.at + 1)];
        match str::from_utf8(text) {
            Ok(text) if !text.contains('\\') => {
                text.clone_into(&mut self.last_key);
                self.at += 3;
                Ok(self.last_key.clone())
            }
            _ => Err(GaveUp),
        }
    }

    /// Nothing may follow.
    pub(crate) fn finish(&mut self) -> Result<(), GaveUp> {
        while !self.has_ended {
            if self.at < self.tokens.count() {
                return Err(GaveUp);
            }
            self.move_on()?;
        }
        self.check_suspects(self.filled)?;
        if self.at == self.tokens.count() { Ok(()) } else { Err(GaveUp) }
    }
}
