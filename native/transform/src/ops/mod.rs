//! The ops, one a file, each in one order: what it promises, its compiled form, compile, apply, examples.

pub(crate) mod to_number;
pub(crate) mod to_utc_timestamp;
