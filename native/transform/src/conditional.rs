//! An op with a condition: where the condition is false, the field stays as it is.
//!
//! It wraps any op, so that no op implements `when`.

use chartly_json::Value;

use crate::condition::{Condition, Reader};
use crate::example::Example;
use crate::{Failure, Fields, Op, OpError, Outcome};

/// An op, its condition, and the fields that both read.
#[derive(Debug)]
struct Conditional {
    op: Box<dyn Op>,
    condition: Condition,
    /// The condition's fields come first, so that its tests refer to them by index.
    reads: Vec<Box<str>>,
}

/// Wrap an op with a condition of the profile.
pub(crate) fn under(op: Box<dyn Op>, when: &Value<'_>) -> Result<Box<dyn Op>, OpError> {
    let mut reads = Vec::new();
    let condition = Reader::new(op.name(), &mut reads).read(when, 1)?;
    for name in op.reads() {
        if !reads.contains(name) {
            reads.push(name.clone());
        }
    }
    Ok(Box::new(Conditional { op, condition, reads }))
}

impl Op for Conditional {
    fn name(&self) -> &'static str {
        self.op.name()
    }

    fn apply<'a>(&self, value: Value<'a>, record: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        if self.condition.holds(Some(&value), &self.reads, record) {
            self.op.apply(value, record)
        } else {
            Ok(Outcome::Value(value))
        }
    }

    fn fill<'a>(&self, record: &dyn Fields<'a>) -> Result<Option<Value<'a>>, Failure> {
        if self.condition.holds(None, &self.reads, record) { self.op.fill(record) } else { Ok(None) }
    }

    fn reads(&self) -> &[Box<str>] {
        &self.reads
    }
}

/// The op that the examples of conditions use.
pub(crate) const EXAMPLE_OP: &str = "mask";

pub(crate) const EXAMPLES: &[Example] = &[
    Example::returns(r#""12345""#, r#""*****""#)
        .with(r#"{"when": {"field": "country", "equals": "DE"}}"#)
        .among(r#"{"country": "DE"}"#),
    Example::returns(r#""12345""#, r#""12345""#)
        .with(r#"{"when": {"field": "country", "equals": "DE"}}"#)
        .among(r#"{"country": "FR"}"#),
    Example::returns(r#""12345""#, r#""12345""#).with(r#"{"when": {"field": "country", "equals": "DE"}}"#),
    Example::returns(r#""12345""#, r#""*****""#).with(r#"{"when": {"field": "consent", "present": false}}"#),
    Example::returns(r#""12345""#, r#""*****""#).with(r#"{"when": {"matches": "^[0-9]+$"}}"#),
    Example::returns("7", "7").with(r#"{"when": {"greaterThan": 7}}"#),
    Example::returns("7.0", r#""*""#).with(r#"{"when": {"atLeast": 7, "lessThan": 8}}"#),
    Example::returns(r#""x""#, r#""*""#)
        .with(r#"{"when": {"any": [{"field": "age", "lessThan": 18}, {"field": "role", "in": ["minor", "ward"]}]}}"#)
        .among(r#"{"age": 40, "role": "ward"}"#),
    Example::returns(r#""x""#, r#""x""#)
        .with(r#"{"when": {"not": {"field": "role", "in": ["minor", "ward"]}}}"#)
        .among(r#"{"role": "ward"}"#),
];
