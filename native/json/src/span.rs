//! Places in the raw bytes. A span doesn't keep the bytes alive.

/// A half-open range of byte offsets. Computed values have the empty span `0..0`.
///
/// 32 bits are enough, because [`crate::parse`] refuses inputs over 4 GiB, and a node then fits one cache line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The span of a computed value.
    pub const NONE: Self = Self { start: 0, end: 0 };

    /// Make a span from offsets that are at most `u32::MAX`.
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // T `parse` refuses longer inputs before the first span is made
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end && u32::try_from(end).is_ok());
        Self { start: start as u32, end: end as u32 }
    }

    /// Return the offsets as a range, to index the raw bytes with.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Return the length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.range().len()
    }

    /// Return whether the span is empty, as for a computed value.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}
