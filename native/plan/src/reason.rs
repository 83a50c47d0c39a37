//! Why a record was rejected. It names the rule and the place, never the value.

use chartly_json::NumberError;

use crate::field::Field;

/// The reason codes that a plan gives; quarantine and errors use the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// Not strict JSON, or a key twice in an object that the plan reads, or not an object.
    MalformedJson,
    /// Nested deeper than `limits.depthMax`.
    DepthExceeded,
    /// Longer than `limits.recordBytesMax`.
    PayloadTooLarge,
    /// A transform could not convert its input, or a query selected several nodes.
    TransformFailed,
    /// A number that no IEEE 754 double keeps.
    PrecisionLoss,
    /// A field of `requiredFields` is absent.
    RequiredFieldMissing,
    /// The canonical payload breaks the contract.
    ContractViolation,
    /// A policy of the profile refuses the record.
    PolicyViolation,
}

impl ReasonCode {
    /// The code as quarantine writes it.
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
    /// The canonical field, or empty when the reason is about the whole record.
    pub field: String,
    /// Where: for a transform the field's query, for the contract the instance path (JSON Pointer); else empty.
    pub path: String,
    /// The rule that was broken: an op, `requiredFields`, a schema path (JSON Pointer), or the parser's rule.
    pub rule: String,
}

impl Reason {
    /// A number in the field's value doesn't survive as a double.
    pub(crate) fn of_number(field: &Field, error: NumberError) -> Self {
        let (code, rule) = match error {
            NumberError::Overflow => (ReasonCode::TransformFailed, "number/overflow"),
            NumberError::PrecisionLoss => (ReasonCode::PrecisionLoss, "number/precision_loss"),
        };
        Self { code, field: field.name.clone(), path: field.path(), rule: rule.to_owned() }
    }
}
