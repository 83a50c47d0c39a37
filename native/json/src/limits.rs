//! The limits of parsing. Their values come from the platform's config.

/// The highest value of `depth_max`. Dropping, writing and validating a tree are recursive. The deepest of them takes
/// less than 3 KiB of stack a level in a debug build, so 512 levels fit the 2 MiB stack of a Rust thread.
pub const DEPTH_CEILING: usize = 512;

/// The limits of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most nested containers; the root is at depth 1. Values above [`DEPTH_CEILING`] count as that.
    pub depth_max: usize,
    /// The most bytes, without the line ending.
    pub bytes_max: usize,
}

impl Limits {
    /// The largest limits of a tree: for trusted documents (schemas, profiles), or those bounded elsewhere.
    pub const WIDEST: Self = Self { depth_max: DEPTH_CEILING, bytes_max: u32::MAX as usize };

    pub(crate) fn bounded(self) -> Self {
        Self { depth_max: self.depth_max.min(DEPTH_CEILING), bytes_max: self.bytes_max.min(u32::MAX as usize) }
    }
}

impl Default for Limits {
    /// Return the platform's defaults. Depth is 64, because canonical records are shallow and deeper ones are attacks
    /// or mistakes. Size is 1 MiB, because a record is a row and larger things are blobs.
    fn default() -> Self {
        Self { depth_max: 64, bytes_max: 1 << 20 }
    }
}
