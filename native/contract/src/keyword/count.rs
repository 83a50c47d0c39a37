//! `minLength`, `maxLength`, `minItems`, `maxItems`, `minProperties`, `maxProperties`: bounds on a number of things.
//! Lengths are counted in code points.

use chartly_json::number::Exact;
use chartly_json::{Node, Value};

use crate::Rule;
use crate::compile::{Compiled, Context};
use crate::schema::{Description, Keyword, Run};

#[derive(Debug)]
struct Count {
    of: Of,
    least: bool,
    limit: u64,
}

#[derive(Debug, Clone, Copy)]
enum Of {
    Characters,
    Items,
    Properties,
}

macro_rules! compile_fn {
    ($name:ident, $of:ident, $least:literal) => {
        pub(super) fn $name<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
            Ok(compile(node, Of::$of, $least))
        }
    };
}

compile_fn!(compile_min_length, Characters, true);
compile_fn!(compile_max_length, Characters, false);
compile_fn!(compile_min_items, Items, true);
compile_fn!(compile_max_items, Items, false);
compile_fn!(compile_min_properties, Properties, true);
compile_fn!(compile_max_properties, Properties, false);

fn compile(node: &Node<'_>, of: Of, least: bool) -> Option<Box<dyn Keyword>> {
    let limit = limit(&node.value)?;
    Some(Box::new(Count { of, least, limit }))
}

/// Return a limit, which is a non-negative integer in any notation. Limits beyond 64 bits become the largest, which no
/// instance reaches.
pub(super) fn limit(value: &Value<'_>) -> Option<u64> {
    value.with_exact(|exact| integer(&exact)).flatten()
}

fn integer(exact: &Exact<'_>) -> Option<u64> {
    if exact.is_negative() || !exact.is_integer() {
        return None;
    }
    let zeros = exact.point() - i64::try_from(exact.digit_count()).unwrap_or(i64::MAX);
    let push = |value: u64, digit: u8| value.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
    let Some(digits) = exact.digits().try_fold(0, push) else { return Some(u64::MAX) };
    if digits == 0 {
        return Some(0);
    }
    let power = u32::try_from(zeros).ok().and_then(|zeros| 10_u64.checked_pow(zeros));
    Some(power.and_then(|power| digits.checked_mul(power)).unwrap_or(u64::MAX))
}

impl Count {
    fn passes(&self, count: usize) -> bool {
        let count = count as u64;
        if self.least { count >= self.limit } else { count <= self.limit }
    }

    /// Return whether a string's length passes. A string has at most as many characters as bytes and at least a quarter
    /// of them, which often decides without counting.
    fn passes_characters(&self, text: &str) -> bool {
        let (bytes, fewest) = (text.len(), text.len().div_ceil(4));
        let settled = if self.least { self.passes(fewest) } else { self.passes(bytes) };
        settled || self.passes(text.chars().count())
    }
}

impl Keyword for Count {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        match (self.of, instance) {
            (Of::Characters, Value::String(text) | Value::Decimal(text)) => self.passes_characters(text),
            (Of::Items, Value::Array(elements)) => self.passes(elements.len()),
            (Of::Properties, Value::Object(object)) => self.passes(object.len()),
            _ => true,
        }
    }

    fn describe(&self) -> Description<'_> {
        match (self.of, self.least) {
            (Of::Characters, true) => Description::Rule(Rule::MinLength(self.limit)),
            (Of::Characters, false) => Description::Rule(Rule::MaxLength(self.limit)),
            _ => Description::Opaque,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::meets;

    /// Characters are code points, not bytes and not UTF-16 units.
    #[test]
    fn counts_code_points() {
        assert!(meets(r#"{"minLength": 2, "maxLength": 2}"#, r#""😀é""#));
        assert!(!meets(r#"{"minLength": 2}"#, r#""😀""#));
        assert!(!meets(r#"{"maxLength": 1}"#, r#""ab""#));
    }

    /// A limit may be any number with an integer value.
    #[test]
    fn takes_integers_by_value() {
        assert!(!meets(r#"{"maxItems": 2.0}"#, "[1, 2, 3]"));
        assert!(meets(r#"{"maxProperties": 1e99}"#, r#"{"a": 1}"#));
        assert!(!meets(r#"{"minProperties": 1e30}"#, r#"{"a": 1}"#));
    }
}
