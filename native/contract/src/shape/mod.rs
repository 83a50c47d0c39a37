//! A contract as a table of fields: what a plan can check by itself while it reads a record.
//!
//! It describes and decides nothing. A part without a description sets `complete` to false, and the whole engine
//! decides.

mod check;
mod extract;

use std::sync::Arc;

use chartly_json::Value;

use crate::{Format, Pattern};

pub(crate) use extract::of;

/// The contract of an object whose members are known by name.
#[derive(Debug, Clone)]
pub struct ObjectShape {
    /// Named properties, in the schema's order, including those of `$ref` and `allOf`. A name may appear more than
    /// once; then all its checks apply.
    pub properties: Vec<PropertyShape>,
    /// The names of each `required`, with the schema path of the keyword.
    pub required: Vec<RequiredNames>,
    /// The schema paths of `additionalProperties: false`, each with the allowed names.
    pub closed: Vec<ClosedTo>,
    /// Schema paths at which the instance must be an object. A payload always is one.
    pub must_be_object: Vec<String>,
    /// Whether this shape covers the whole contract. Otherwise it still applies, but is not all.
    pub complete: bool,
}

/// One `required` keyword.
#[derive(Debug, Clone)]
pub struct RequiredNames {
    /// The names, in the schema's order.
    pub names: Vec<String>,
    /// One `additionalProperties: false`.
    pub schema_path: String,
}

/// One `additionalProperties: false`.
#[derive(Debug, Clone)]
pub struct ClosedTo {
    /// The allowed names.
    pub names: Vec<String>,
    /// Schema path of the keyword.
    pub schema_path: String,
}

/// The contract's rules for one property's value.
#[derive(Debug, Clone)]
pub struct PropertyShape {
    /// The property's name.
    pub name: String,
    /// Checks, in the order in which their violations are reported.
    pub checks: Vec<Check>,
    /// Whether the checks cover all rules for this property.
    pub complete: bool,
}

/// One keyword that asserts something about a scalar.
#[derive(Debug, Clone)]
pub struct Check {
    /// Schema path of the keyword.
    pub schema_path: String,
    /// The keyword's name.
    pub keyword: &'static str,
    /// What it asserts.
    pub rule: Rule,
}

/// What a keyword asserts about a value. A rule for numbers or strings is met by every other type.
#[derive(Debug, Clone)]
pub enum Rule {
    /// The value has one of these types.
    Type(Types),
    /// The value equals this one.
    Const(Arc<Value<'static>>),
    /// The value equals one of these.
    Enum(Arc<[Value<'static>]>),
    /// A number is at least this.
    Minimum(Bound),
    /// A number is at most this.
    Maximum(Bound),
    /// A number is above this.
    ExclusiveMinimum(Bound),
    /// A number is below this.
    ExclusiveMaximum(Bound),
    /// A number is a multiple of this, by exact decimals.
    MultipleOf(Bound),
    /// A string has at least so many characters.
    MinLength(u64),
    /// A string has at most so many characters.
    MaxLength(u64),
    /// A string has a match of the pattern.
    Pattern(Arc<Pattern>),
    /// A string has the format.
    Format(Format),
}

/// A number of a schema, as text and as the nearest double.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The JSON number's text.
    pub text: Arc<str>,
    /// The nearest double, infinite beyond the range. It is exact only if `is_exact`.
    pub double: f64,
    /// Whether a double can hold the text's value. Then a number that a double can hold is compared with the bound as
    /// doubles.
    pub is_exact: bool,
}

/// A set of JSON types. `integer` is a number without a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Types {
    pub(crate) bits: u8,
}
