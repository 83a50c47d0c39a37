//! All ops by name, and the compilation of a profile's transform.
//!
//! A new op is a file in `ops/` and a line here.

use chartly_json::Object;

use crate::definition::Definition;
use crate::options::Options;
use crate::secret::Secrets;
use crate::{Example, Op, OpError, conditional, ops};

/// Every op, in the order of the reference.
pub const DEFINITIONS: &[&Definition] = &[
    &ops::to_number::DEFINITION,
    &ops::to_integer::DEFINITION,
    &ops::to_decimal::DEFINITION,
    &ops::to_boolean::DEFINITION,
    &ops::to_string::DEFINITION,
    &ops::to_utc_timestamp::DEFINITION,
    &ops::to_date::DEFINITION,
    &ops::trim::DEFINITION,
    &ops::lower::DEFINITION,
    &ops::upper::DEFINITION,
    &ops::normalize_unicode::DEFINITION,
    &ops::replace::DEFINITION,
    &ops::regex_replace::DEFINITION,
    &ops::regex_extract::DEFINITION,
    &ops::split::DEFINITION,
    &ops::join::DEFINITION,
    &ops::substring::DEFINITION,
    &ops::pad_start::DEFINITION,
    &ops::pad_end::DEFINITION,
    &ops::length::DEFINITION,
    &ops::concat::DEFINITION,
    &ops::template::DEFINITION,
    &ops::coalesce::DEFINITION,
    &ops::lookup::DEFINITION,
    &ops::add::DEFINITION,
    &ops::subtract::DEFINITION,
    &ops::multiply::DEFINITION,
    &ops::divide::DEFINITION,
    &ops::round::DEFINITION,
    &ops::abs::DEFINITION,
    &ops::convert_unit::DEFINITION,
    &ops::hash::DEFINITION,
    &ops::drop::DEFINITION,
    &ops::mask::DEFINITION,
    &ops::hmac::DEFINITION,
    &ops::tokenize::DEFINITION,
    &ops::allow_values::DEFINITION,
    &ops::deny_values::DEFINITION,
    &ops::deny_pattern::DEFINITION,
];

/// Return the examples of `when`, and the op that they use.
#[must_use]
pub fn condition_examples() -> (&'static str, &'static [Example]) {
    (conditional::EXAMPLE_OP, conditional::EXAMPLES)
}

/// Return an op by its name in profiles.
#[must_use]
pub fn find(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.name == name).copied()
}

/// Compile one transform of a profile. `op` and `field` among the options are read by the plan; `when` adds a condition
/// to any op.
///
/// # Errors
/// The unknown op or option, or the broken rule of an option.
pub fn compile(op: &str, options: &Object<'_>, secrets: &dyn Secrets) -> Result<Box<dyn Op>, OpError> {
    let definition = find(op).ok_or_else(|| OpError::UnknownOp { op: op.to_owned() })?;
    let when = options.get("when").map(|node| &node.value);
    let options = Options::new(definition.name, definition.options, options, secrets);
    options.refuse_unknown()?;
    let compiled = (definition.compile)(&options)?;
    options.refuse_unread()?;
    match when {
        None => Ok(compiled),
        Some(when) => conditional::under(compiled, when),
    }
}
