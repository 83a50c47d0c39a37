//! Why a profile's transform doesn't compile: the op, the option and the rule that it breaks.
//!
//! It carries no line number; the profile's reader knows where the option stood.

use thiserror::Error;

/// A transform that a profile may not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpError {
    /// No op has this name.
    #[error("unknown op {op:?}")]
    UnknownOp {
        /// The name as the profile gives it.
        op: String,
    },
    /// The op has no such option.
    #[error("{op}: unknown option {option:?}")]
    UnknownOption {
        /// The op.
        op: &'static str,
        /// The option as the profile gives it.
        option: String,
    },
    /// The op can't do without this option.
    #[error("{op}: option {option:?} is required")]
    MissingOption {
        /// The op.
        op: &'static str,
        /// The option.
        option: &'static str,
    },
    /// The option's value isn't what it must be.
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
    /// Name the option that is wrong, so that a reader can point at its line.
    #[must_use]
    pub fn option(&self) -> Option<&str> {
        match self {
            Self::UnknownOp { .. } => None,
            Self::UnknownOption { option, .. } => Some(option),
            Self::MissingOption { option, .. } | Self::BadOption { option, .. } => Some(option),
        }
    }
}
