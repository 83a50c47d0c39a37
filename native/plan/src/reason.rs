//! The reasons for rejecting a record. They name the rule and the place, never the value.

use chartly_json::ParseError;
use chartly_path::Query;

/// The reason codes of a plan. Quarantine and errors use the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// Not strict JSON, not an object, or a key is repeated in an object that the plan reads.
    MalformedJson,
    /// Nested deeper than `limits.depthMax`.
    DepthExceeded,
    /// Longer than `limits.recordBytesMax`.
    PayloadTooLarge,
    /// A transform could not convert its input, or a query selected several nodes.
    TransformFailed,
    /// A number that no IEEE 754 double holds.
    PrecisionLoss,
    /// A field of `requiredFields` is absent.
    RequiredFieldMissing,
    /// The canonical payload violates the contract.
    ContractViolation,
    /// A policy of the profile rejects the record.
    PolicyViolation,
}

impl ReasonCode {
    /// Return the code as it is written in quarantine.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MalformedJson => "MALFORMED_JSON",
            Self::DepthExceeded => "DEPTH_EXCEEDED",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::TransformFailed => "TRANSFORM_FAILED",
            Self::PrecisionLoss => "PRECISION_LOSS",
            Self::RequiredFieldMissing => "REQUIRED_FIELD_MISSING",
            Self::ContractViolation => "CONTRACT_VIOLATION",
            Self::PolicyViolation => "POLICY_VIOLATION",
        }
    }
}

/// One reason of a rejected record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The code.
    pub code: ReasonCode,
    /// The canonical field; empty when the reason is about the whole record.
    pub field: String,
    /// For a transform the field's query, for the contract the instance path (JSON Pointer); otherwise empty.
    pub path: String,
    /// The broken rule: an op, `requiredFields`, a schema path (JSON Pointer), or the parser's rule.
    pub rule: String,
}

impl Reason {
    /// Return a reason about a whole record.
    fn of_record(code: ReasonCode, rule: String) -> Self {
        Self { code, field: String::new(), path: String::new(), rule }
    }

    /// Return the reason for a record that breaks a rule of JSON.
    pub(crate) fn malformed(rule: &str) -> Self {
        Self::of_record(ReasonCode::MalformedJson, rule.to_owned())
    }

    /// Return the reason for a record that could not be parsed.
    pub(crate) fn of_parse(error: &ParseError) -> Self {
        let (code, rule) = match error {
            ParseError::Malformed { rule, .. } => (ReasonCode::MalformedJson, rule.name()),
            ParseError::DepthExceeded { .. } => (ReasonCode::DepthExceeded, "depthMax"),
            ParseError::TooLarge { .. } => (ReasonCode::PayloadTooLarge, "recordBytesMax"),
        };
        Self::of_record(code, rule.to_owned())
    }

    /// Return the reason for a query of `explode` or `recordsPath` that selects nothing and leads to no array.
    pub(crate) fn no_array(key: &str, query: &Query) -> Self {
        let path = query.text().to_owned();
        Self { path, ..Self::of_record(ReasonCode::TransformFailed, format!("{key}/noArray")) }
    }

    /// Return the reason for a query of `explode` or `recordsPath` that visits too many nodes, or whose record has too
    /// large children.
    pub(crate) fn query_exceeded(key: &str, query: &Query) -> Self {
        let path = query.text().to_owned();
        Self { path, ..Self::of_record(ReasonCode::TransformFailed, format!("{key}/queryNodesMax")) }
    }
}
