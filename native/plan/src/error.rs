//! Errors of a profile or a contract, with their place. Errors of records are [`crate::Reason`]s.

/// Why a plan could not be compiled. It names the place and the rule, and quotes no content of the profile except a key
/// or a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{document}{pointer}: {rule}: {detail}")]
pub struct PlanError {
    /// The document that has the error.
    pub document: Document,
    /// JSON Pointer into that document as it was passed in. It starts with `/spec` when the whole profile was passed.
    pub pointer: String,
    /// The stable name of the rule, such as `unknownKey`.
    pub rule: &'static str,
    /// The rule in words, with the details of this case.
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
    /// Return an error in the profile at `pointer`.
    pub(crate) fn profile(pointer: impl Into<String>, rule: &'static str, detail: impl Into<String>) -> Self {
        Self { document: Document::Profile, pointer: pointer.into(), rule, detail: detail.into() }
    }

    /// Return an error in the contract at `pointer`.
    pub(crate) fn contract(pointer: impl Into<String>, rule: &'static str, detail: impl Into<String>) -> Self {
        Self { document: Document::Contract, pointer: pointer.into(), rule, detail: detail.into() }
    }
}
