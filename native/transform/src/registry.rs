//! All ops by name, and the way from a profile's transform to a compiled op.
//!
//! It holds no op of its own; a new one is a file in `ops/` and a line here.

use chartly_json::Object;

use crate::definition::Definition;
use crate::options::Options;
use crate::secret::Secrets;
use crate::{Op, OpError, ops};

/// Every op, in the order of the reference.
pub const DEFINITIONS: &[&Definition] = &[
    &ops::to_number::DEFINITION,
    &ops::to_utc_timestamp::DEFINITION,
];

/// Find an op by the name that profiles call it by.
#[must_use]
pub fn find(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.name == name).copied()
}

/// Compile one transform of a profile. Of `options`, the keys `op`, `field` and `when` are the plan's and passed over.
///
/// # Errors
/// The op or option that doesn't exist, or the option's rule that is broken.
pub fn compile(op: &str, options: &Object<'_>, secrets: &dyn Secrets) -> Result<Box<dyn Op>, OpError> {
    let definition = find(op).ok_or_else(|| OpError::UnknownOp { op: op.to_owned() })?;
    let options = Options::new(definition, options, secrets);
    options.refuse_unknown()?;
    let compiled = (definition.compile)(&options)?;
    options.refuse_unread()?;
    Ok(compiled)
}
