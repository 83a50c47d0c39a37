//! What is wrong with a profile or a contract, and where. It does not describe records: see [`crate::Reason`].

/// Why a plan could not be compiled. Names the place and the rule, never more of the profile's content than a key or a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{document}{pointer}: {rule}: {detail}")]
pub struct PlanError {
    /// Which of the two documents is wrong.
    pub document: Document,
    /// JSON Pointer into that document, as it was passed in (so with `/spec` when the whole profile was).
    pub pointer: String,
    /// The rule that is broken, a stable name such as `unknownKey`.
    pub rule: &'static str,
    /// The rule in words, with the facts of this case.
    pub detail: String,
}

/// A document that a plan is compiled from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// The resolved normalizer profile.
    Profile,
    /// The contract (JSON Schema).
    Contract,
}

impl std::fmt::Display for Document {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Profile => "profile",
            Self::Contract => "contract",
        })
    }
}

impl PlanError {
    /// An error in the profile at `pointer`.
    pub(crate) fn profile(pointer: impl Into<String>, rule: &'static str, detail: impl Into<String>) -> Self {
        Self { document: Document::Profile, pointer: pointer.into(), rule, detail: detail.into() }
    }

    /// An error in the contract at `pointer`.
    pub(crate) fn contract(pointer: impl Into<String>, rule: &'static str, detail: impl Into<String>) -> Self {
        Self { document: Document::Contract, pointer: pointer.into(), rule, detail: detail.into() }
    }
}
