//! The bounds under which bytes are parsed. They come from the platform's config; this module only says what they mean.

/// The deepest tree that may be asked for. Dropping, writing and validating a tree recurse once per level; the deepest of
/// them takes below 3 KiB of stack a level in a debug build, so 512 levels fit the 2 MiB stack of a Rust thread.
pub const DEPTH_CEILING: usize = 512;

/// What a record may cost before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most containers within each other; the root is at depth 1. Values above [`DEPTH_CEILING`] act as that.
    pub depth_max: usize,
    /// Most bytes, without the line's end.
    pub bytes_max: usize,
}

impl Limits {
    /// As much as a tree can hold: for documents that are ours (schemas, profiles) or bounded elsewhere.
    pub const WIDEST: Self = Self { depth_max: DEPTH_CEILING, bytes_max: u32::MAX as usize };

    pub(crate) fn bounded(self) -> Self {
        Self { depth_max: self.depth_max.min(DEPTH_CEILING), bytes_max: self.bytes_max.min(u32::MAX as usize) }
    }
}

impl Default for Limits {
    /// The platform's defaults: depth 64, because canonical records are shallow and deeper ones are attacks or mistakes;
    /// 1 MiB, because a record is a row, and larger things are blobs.
    fn default() -> Self {
        Self { depth_max: 64, bytes_max: 1 << 20 }
    }
}
