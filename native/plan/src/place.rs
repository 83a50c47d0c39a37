//! Places in the raw input: the start of a block and the place of a record. It reads no bytes.

/// The start of a block in the whole input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Bytes before the block.
    pub offset: u64,
    /// Number of the block's first line (or element), 1-based.
    pub line: u64,
}

impl Position {
    /// The start of an input.
    pub const START: Self = Self { offset: 0, line: 1 };
}

impl Default for Position {
    fn default() -> Self {
        Self::START
    }
}

/// The place of a record in the raw input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Physical line, or element of a page, 1-based.
    pub line: u64,
    /// Bytes before the record.
    pub offset: u64,
    /// The record's bytes, without the line ending.
    pub length: u64,
}

impl Place {
    /// Return the place relative to the input, for a block that starts at `start`.
    #[must_use]
    pub(crate) const fn after(self, start: Position) -> Self {
        Self { line: self.line + start.line - 1, offset: self.offset + start.offset, length: self.length }
    }
}
