//! The instructions that hash, detected from the CPU. It does not hash.

/// A way to compute SHA-256. All ways give the same digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// The `sha2` crate, one message at a time: portable code, or the `ARMv8` or x86 SHA instructions where it finds
    /// them.
    Portable,
    /// Four messages interleaved over the x86 SHA instructions.
    ShaNi,
}

impl Path {
    /// Every path, for tests that compare them.
    pub const ALL: [Self; 2] = [Self::Portable, Self::ShaNi];

    /// Return the fastest path of this CPU.
    #[must_use]
    pub fn detected() -> Self {
        if Self::ShaNi.is_available() { Self::ShaNi } else { Self::Portable }
    }

    /// Return the path's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::ShaNi => "sha-ni",
        }
    }

    /// Return whether this CPU has the path's instructions. The standard library caches the answer.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::ShaNi => {
                is_x86_feature_detected!("sha")
                    && is_x86_feature_detected!("sse4.1")
                    && is_x86_feature_detected!("ssse3")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::ShaNi => false,
        }
    }
}
