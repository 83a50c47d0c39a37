//! Why a profile's transform doesn't compile: the op, the option and the broken rule.
//!
//! It has no line number; the profile's reader knows the place of the option.

use thiserror::Error;

/// A transform that a profile can't have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpError {
    /// No op has this name.
    #[error("unknown op {op:?}")]
    UnknownOp {
        /// The name in the profile.
        op: String,
    },
    /// The op has no such option.
    #[error("{op}: unknown option {option:?}")]
    UnknownOption {
        /// The op.
        op: &'static str,
        /// The option in the profile.
        option: String,
    },
    /// A required option is missing.
    #[error("{op}: option {option:?} is required")]
    MissingOption {
        /// The op.
        op: &'static str,
        /// The option.
        option: &'static str,
    },
    /// The option's value is invalid.
    #[error("{op}: option {option:?} must be {rule}")]
    BadOption {
        /// The op.
        op: &'static str,
        /// The option.
        option: &'static str,
        /// What the value must be.
        rule: String,
    },
}

impl OpError {
    /// Return the name of the invalid option, so that a reader can point to its line.
    #[must_use]
    pub fn option(&self) -> Option<&str> {
        match self {
            Self::UnknownOp { .. } => None,
            Self::UnknownOption { option, .. } => Some(option),
            Self::MissingOption { option, .. } | Self::BadOption { option, .. } => Some(option),
        }
    }
}
