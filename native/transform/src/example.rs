//! Examples of an op, as data: they run as tests and are printed in the reference.

use crate::Failure;

/// The result of an example.
#[derive(Debug, Clone, Copy)]
pub enum Expected {
    /// The field's new value as JSON (an exact decimal as a string).
    Value(&'static str),
    /// The field is absent afterwards.
    Absent,
    /// The op fails.
    Failure(Failure),
}

/// One use of an op.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The op's options, as a JSON object.
    pub options: &'static str,
    /// The record's other fields, as a JSON object.
    pub record: &'static str,
    /// The field's value before, as JSON; `None` when it is absent.
    pub value: Option<&'static str>,
    /// The result.
    pub expected: Expected,
}

impl Example {
    const fn new(value: Option<&'static str>, expected: Expected) -> Self {
        Self { options: "{}", record: "{}", value, expected }
    }

    pub(crate) const fn returns(value: &'static str, result: &'static str) -> Self {
        Self::new(Some(value), Expected::Value(result))
    }

    pub(crate) const fn fails(value: &'static str, failure: Failure) -> Self {
        Self::new(Some(value), Expected::Failure(failure))
    }

    pub(crate) const fn drops(value: &'static str) -> Self {
        Self::new(Some(value), Expected::Absent)
    }

    pub(crate) const fn fills(result: &'static str) -> Self {
        Self::new(None, Expected::Value(result))
    }

    pub(crate) const fn with(self, options: &'static str) -> Self {
        Self { options, ..self }
    }

    pub(crate) const fn among(self, record: &'static str) -> Self {
        Self { record, ..self }
    }
}
