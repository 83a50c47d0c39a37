//! A contract seen as a table of fields: what a plan can check by itself while it reads a record.
//!
//! It describes; it decides nothing. Whatever it can't describe sets `complete` to false, and then the whole engine has the
//! word.

mod check;
mod extract;

use std::sync::Arc;

use chartly_json::Value;

use crate::{Format, Pattern};

pub(crate) use extract::of;

/// The contract of an object whose members are known by name.
#[derive(Debug, Clone)]
pub struct ObjectShape {
    /// Named properties, in the schema's order. Those that `$ref` and `allOf` bring are among them; one name may appear
    /// more than once, and then all its checks hold.
    pub properties: Vec<PropertyShape>,
    /// What `required` names, with the schema path of the keyword.
    pub required: Vec<RequiredNames>,
    /// The schema paths of `additionalProperties: false`, each with the names that it lets pass.
    pub closed: Vec<ClosedTo>,
    /// Schema paths at which the instance must be an object; a payload always is one.
    pub must_be_object: Vec<String>,
    /// Whether this shape says all that the contract says. If not, what it says still holds, but more does.
    pub complete: bool,
}

/// One `required` keyword.
#[derive(Debug, Clone)]
pub struct RequiredNames {
    /// The names, in the schema's order.
    pub names: Vec<String>,
    /// Schema path of the keyword.
    pub schema_path: String,
}

/// One `additionalProperties: false`.
#[derive(Debug, Clone)]
pub struct ClosedTo {
    /// The names that may be there.
    pub names: Vec<String>,
    /// Schema path of the keyword.
    pub schema_path: String,
}

/// What the contract says of one property's value.
#[derive(Debug, Clone)]
pub struct PropertyShape {
    /// The property's name.
    pub name: String,
    /// Checks, in the order in which their violations are reported.
    pub checks: Vec<Check>,
    /// Whether the checks say all that the contract says of this property.
    pub complete: bool,
}

/// One keyword that looks at a scalar alone.
#[derive(Debug, Clone)]
pub struct Check {
    /// Schema path of the keyword.
    pub schema_path: String,
    /// The keyword's name.
    pub keyword: &'static str,
    /// What it asks.
    pub rule: Rule,
}

/// What a keyword asks of a value. A rule for numbers or strings holds for every other type.
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

/// A number of a schema, as it stood and as the nearest double.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The JSON number's text.
    pub text: Arc<str>,
    /// The nearest double, infinite beyond the range. Exact only when `is_exact`.
    pub double: f64,
    /// Whether the text's value is one that survives as a double; then a surviving number compares with the bound as
    /// doubles do.
    pub is_exact: bool,
}

/// A set of JSON types. `integer` is a number without a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Types {
    pub(crate) bits: u8,
}
