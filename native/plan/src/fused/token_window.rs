//! The tokens of a page, one window at a time. Only the window is in memory, so a page of any length costs the same
//! memory, and the window stays in the cache. It knows values and keys, not where records are.

use std::fmt;
use std::io::{ErrorKind, Read};
use std::ops::Range;

use chartly_json::scan::{CLOSING_QUOTE, Kernel, Tokens, scan_text};

use super::cursor::SLACK_BYTES;
use super::gave_up::GaveUp;
use super::walk::{DEPTH_MAX, Piece, Walk};

/// As large as the worker's window, and for the same reason.
const WINDOW_BYTES: usize = 64 << 10;

/// The largest window. A page with a longer value or record is left to the complete parser.
const WINDOW_BYTES_MAX: usize = 256 << 20;

/// The source of a page's bytes, from start to end.
pub type PageReader<'r> = Box<dyn Read + Send + 'r>;

pub(crate) struct TokenWindow<'r> {
    reader: PageReader<'r>,
    has_ended: bool,
    /// Why the page could not be read further; the pass gave up then.
    failed: Option<std::io::Error>,
    /// The window's bytes, followed by [`SLACK_BYTES`] line feeds.
    buffer: Vec<u8>,
    filled: usize,
    /// The offset of the window in the page.
    base: u64,
    window_bytes: usize,
    tokens: Tokens,
    /// The next token.
    pub(crate) at: usize,
    /// The last key that was passed.
    pub(crate) last_key: String,
}

impl fmt::Debug for TokenWindow<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base, filled, at, failed, .. } = self;
        let mut shown = formatter.debug_struct("TokenWindow");
        shown
            .field("base", base)
            .field("filled", filled)
            .field("at", at)
            .field("failed", failed)
            .finish_non_exhaustive()
    }
}

impl<'r> TokenWindow<'r> {
    pub(crate) fn new(kernel: Kernel, reader: PageReader<'r>) -> Result<Self, GaveUp> {
        let mut window = Self {
            reader,
            has_ended: false,
            failed: None,
            buffer: Vec::new(),
            filled: 0,
            base: 0,
            window_bytes: WINDOW_BYTES,
            tokens: Tokens::on(kernel),
            at: 0,
            last_key: String::new(),
        };
        window.fill(0)?;
        Ok(window)
    }

    /// Keep the window's bytes from `kept` on, read more after them, and find the tokens.
    fn fill(&mut self, kept: usize) -> Result<(), GaveUp> {
        self.buffer.copy_within(kept..self.filled, 0);
        self.filled -= kept;
        self.base += kept as u64;
        // Only a value longer than all before it makes the buffer grow; it is zeroed once.
        if self.buffer.len() < self.window_bytes + SLACK_BYTES {
            self.buffer.resize(self.window_bytes + SLACK_BYTES, 0);
        }
        while self.filled < self.window_bytes && !self.has_ended {
            match self.reader.read(&mut self.buffer[self.filled..self.window_bytes]) {
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

    /// Return the read error, if that is why the pass gave up.
    pub(crate) fn take_failure(&mut self) -> Option<std::io::Error> {
        self.failed.take()
    }

    /// Return the bytes of the page up to the window's end: all of them at the end of the page.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.base + self.filled as u64
    }

    /// Return the window's bytes and tokens. At least 64 bytes are readable after every token.
    pub(crate) fn readable(&self) -> Piece<'_> {
        Piece { padded: &self.buffer[..self.filled + SLACK_BYTES], tokens: &self.tokens }
    }

    /// Return a part of the page that is in the window, as the last passed value is.
    pub(crate) fn text(&self, range: Range<u64>) -> &[u8] {
        // The range is within the window, and so within memory.
        #[allow(clippy::cast_possible_truncation)]
        let (start, end) = ((range.start - self.base) as usize, (range.end - self.base) as usize);
        &self.buffer[start..end]
    }

    /// Return the offset of the next token in the page.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.place(self.at) as u64
    }

    /// Return the end of a value whose last token is before `after`.
    pub(crate) fn end_before(&self, after: usize) -> u64 {
        self.base + self.place(after - 1) as u64 + 1
    }

    /// Return the place of the value that starts with the next token and ends before `after`; `None` if it isn't whole
    /// in the window, or not strict JSON.
    pub(crate) fn span_before(&self, after: usize) -> Option<Range<u64>> {
        let is_whole = after < self.tokens.count() || self.has_ended;
        let span = self.place(self.at)..self.place(after - 1) + 1;
        let is_suspect = |place: &u32| span.contains(&(*place as usize));
        (is_whole && !self.tokens.suspects().iter().any(is_suspect)).then(|| self.in_page(&span))
    }

    /// Return whether the next value is whole in this window.
    pub(crate) fn holds_value(&self) -> bool {
        self.is_whole(self.walk().skip_value(self.at, 0))
    }

    /// Return whether a value that ends before `after` is whole. A scalar at the window's end may continue after it.
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

    /// Return the position of a token in the window.
    fn place(&self, token: usize) -> usize {
        self.tokens.positions()[token] as usize
    }

    fn in_page(&self, window: &Range<usize>) -> Range<u64> {
        self.base + window.start as u64..self.base + window.end as u64
    }

    /// Start the next window at the next token, or enlarge this one when it starts there already.
    pub(crate) fn move_on(&mut self) -> Result<(), GaveUp> {
        if self.has_ended {
            return Err(GaveUp);
        }
        let next = self.place(self.at);
        self.check_suspects(next)?;
        self.window_bytes = if next == 0 { self.window_bytes * 2 } else { WINDOW_BYTES };
        // An enlarged window may hold more after the next token than an ordinary one.
        self.window_bytes = self.window_bytes.max(self.filled - next);
        if self.window_bytes > WINDOW_BYTES_MAX {
            return Err(GaveUp);
        }
        self.fill(next)
    }

    /// Give up if anything before this position breaks I-JSON. After it, a cut at the window's end may only look like
    /// that.
    fn check_suspects(&self, before: usize) -> Result<(), GaveUp> {
        let first = self.tokens.suspects().first();
        if first.is_some_and(|place| (*place as usize) < before) { Err(GaveUp) } else { Ok(()) }
    }

    /// Return the next token's kind, and make sure that `ahead` more tokens are in the window.
    pub(crate) fn kind(&mut self, ahead: usize) -> Result<u8, GaveUp> {
        while self.at + ahead >= self.tokens.count() {
            self.move_on()?;
        }
        Ok(self.tokens.kinds()[self.at])
    }

    /// Pass a whole value and return its place. The value is in the window then.
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

    /// Pass a key and its colon, and return the key. Keys with escapes are left to the complete parser.
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

    /// Check that nothing follows.
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
