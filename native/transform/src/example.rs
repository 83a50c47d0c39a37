//! Examples of an op, as data: they run as tests and are printed in the reference.

use crate::Failure;

/// The result of an example.
#[derive(Debug, Clone, Copy)]
pub enum Shows {
    /// The field's new value as JSON (an exact decimal as a string).
    Gives(&'static str),
    /// The field is absent afterwards.
    Drops,
    /// The op fails.
    Fails(Failure),
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
    pub shows: Shows,
}

impl Example {
    const fn new(value: Option<&'static str>, shows: Shows) -> Self {
        Self { options: "{}", record: "{}", value, shows }
    }

    pub(crate) const fn gives(value: &'static str, result: &'static str) -> Self {
        Self::new(Some(value), Shows::Gives(result))
    }

    pub(crate) const fn fails(value: &'static str, failure: Failure) -> Self {
        Self::new(Some(value), Shows::Fails(failure))
    }

    pub(crate) const fn drops(value: &'static str) -> Self {
        Self::new(Some(value), Shows::Drops)
    }

    pub(crate) const fn fills(result: &'static str) -> Self {
        Self::new(None, Shows::Gives(result))
    }

    pub(crate) const fn with(self, options: &'static str) -> Self {
        Self { options, ..self }
    }

    pub(crate) const fn among(self, record: &'static str) -> Self {
        Self { record, ..self }
    }
}
