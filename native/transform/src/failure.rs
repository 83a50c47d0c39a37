//! Why an op refused a value: a reason code and a rule, never the value itself.
//!
//! It has no place; the plan adds the field and the place.

use chartly_json::NumberError;
use thiserror::Error;

/// The reason codes of ops. Quarantine, errors and docs use the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The value can't be converted.
    TransformFailed,
    /// A number would become another number.
    PrecisionLoss,
    /// The profile forbids the value.
    PolicyViolation,
}

impl Reason {
    /// Return the code as it is written in a rejected record.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TransformFailed => "TRANSFORM_FAILED",
            Self::PrecisionLoss => "PRECISION_LOSS",
            Self::PolicyViolation => "POLICY_VIOLATION",
        }
    }
}

/// Why an op refused a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum Failure {
    /// Neither a JSON number nor text that is a JSON number.
    #[error("not a number")]
    NotANumber,
    /// A number beyond the largest double, or beyond the op's precision.
    #[error("number out of range")]
    Overflow,
    /// A number that RFC 8785 would write as another number, or too many digits.
    #[error("number would lose precision")]
    PrecisionLoss,
    /// A number with a fraction where none is allowed.
    #[error("not an integer")]
    NotAnInteger,
    /// Neither `true`, `false`, nor one of the op's words for them.
    #[error("not a boolean")]
    NotABoolean,
    /// Not text, although the op works on text.
    #[error("not text")]
    NotText,
    /// Not an array, although the op works on arrays.
    #[error("not an array")]
    NotAnArray,
    /// Neither text nor a number nor a boolean.
    #[error("not a scalar")]
    NotAScalar,
    /// Text that isn't a date-time in a form of the op.
    #[error("not a timestamp")]
    NotATimestamp,
    /// Text that isn't a date in a form of the op.
    #[error("not a date")]
    NotADate,
    /// A time or date outside the years 0000–9999.
    #[error("outside the years 0000-9999")]
    OutOfRange,
    /// A local time that the zone skips.
    #[error("local time skipped by the zone")]
    LocalTimeSkipped,
    /// A local time that the zone has twice.
    #[error("local time repeated in the zone")]
    LocalTimeRepeated,
    /// The pattern doesn't match.
    #[error("no match")]
    NoMatch,
    /// The result would be larger than `TEXT_BYTES_MAX` or `ITEMS_MAX`.
    #[error("result too large")]
    TooLarge,
    /// The table has no such key, and the op has no default.
    #[error("not in the table")]
    NotInTable,
    /// A field that the op reads is absent.
    #[error("a field that the op reads is absent")]
    OperandAbsent,
    /// A division by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// A value in the profile's deny list.
    #[error("denied value")]
    Denied,
    /// A value that is not in the profile's allow list.
    #[error("value not allowed")]
    NotAllowed,
    /// Text that matches the profile's deny pattern.
    #[error("denied pattern")]
    DeniedPattern,
}

impl Failure {
    /// Every failure, in the order of the reference.
    pub const ALL: &[Self] = &[
        Self::NotANumber,
        Self::Overflow,
        Self::PrecisionLoss,
        Self::NotAnInteger,
        Self::NotABoolean,
        Self::NotText,
        Self::NotAnArray,
        Self::NotAScalar,
        Self::NotATimestamp,
        Self::NotADate,
        Self::OutOfRange,
        Self::LocalTimeSkipped,
        Self::LocalTimeRepeated,
        Self::NoMatch,
        Self::TooLarge,
        Self::NotInTable,
        Self::OperandAbsent,
        Self::DivisionByZero,
        Self::Denied,
        Self::NotAllowed,
        Self::DeniedPattern,
    ];

    /// Return the reason code of this failure.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::PrecisionLoss => Reason::PrecisionLoss,
            Self::Denied | Self::NotAllowed | Self::DeniedPattern => Reason::PolicyViolation,
            _ => Reason::TransformFailed,
        }
    }

    /// Return the name of the broken rule, which is stable across versions.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::NotANumber => "not_a_number",
            Self::Overflow => "overflow",
            Self::PrecisionLoss => "precision_loss",
            Self::NotAnInteger => "not_an_integer",
            Self::NotABoolean => "not_a_boolean",
            Self::NotText => "not_text",
            Self::NotAnArray => "not_an_array",
            Self::NotAScalar => "not_a_scalar",
            Self::NotATimestamp => "not_a_timestamp",
            Self::NotADate => "not_a_date",
            Self::OutOfRange => "out_of_range",
            Self::LocalTimeSkipped => "local_time_skipped",
            Self::LocalTimeRepeated => "local_time_repeated",
            Self::NoMatch => "no_match",
            Self::TooLarge => "too_large",
            Self::NotInTable => "not_in_table",
            Self::OperandAbsent => "operand_absent",
            Self::DivisionByZero => "division_by_zero",
            Self::Denied => "denied",
            Self::NotAllowed => "not_allowed",
            Self::DeniedPattern => "denied_pattern",
        }
    }
}

impl From<NumberError> for Failure {
    fn from(error: NumberError) -> Self {
        match error {
            NumberError::PrecisionLoss => Self::PrecisionLoss,
            NumberError::Overflow => Self::Overflow,
        }
    }
}
