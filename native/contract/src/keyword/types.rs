//! `type`: one or several JSON types; `integer` is a number whose value has no fraction, in any notation.

use chartly_json::number::Exact;
use chartly_json::{Node, Value};

use crate::compile::{Compiled, Context};
use crate::schema::{Description, Keyword, Run};
use crate::{Rule, Types};

#[derive(Debug)]
struct Type(Types);

pub(super) fn compile<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let mut types = Types::default();
    match &node.value {
        Value::String(name) => types.add(name),
        Value::Array(names) => names.iter().filter_map(|name| name.value.as_str()).for_each(|name| types.add(name)),
        _ => return Ok(None),
    }
    Ok(Some(Box::new(Type(types))))
}

impl Keyword for Type {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        self.0.has(instance)
    }

    fn describe(&self) -> Description<'_> {
        Description::Rule(Rule::Type(self.0))
    }
}

const NULL: u8 = 1;
const BOOLEAN: u8 = 2;
const INTEGER: u8 = 4;
const NUMBER: u8 = 8;
const STRING: u8 = 16;
const ARRAY: u8 = 32;
const OBJECT: u8 = 64;

impl Types {
    fn add(&mut self, name: &str) {
        self.bits |= match name {
            "null" => NULL,
            "boolean" => BOOLEAN,
            "integer" => INTEGER,
            "number" => NUMBER,
            "string" => STRING,
            "array" => ARRAY,
            "object" => OBJECT,
            _ => 0,
        };
    }

    /// Return whether the value has one of the types.
    #[must_use]
    pub fn has(self, value: &Value<'_>) -> bool {
        let bit = match value {
            Value::Null => NULL,
            Value::Bool(_) => BOOLEAN,
            Value::String(_) | Value::Decimal(_) => STRING,
            Value::Array(_) => ARRAY,
            Value::Object(_) => OBJECT,
            Value::Number(_) | Value::Double(_) if self.bits & NUMBER != 0 => NUMBER,
            Value::Number(text) if self.bits & INTEGER != 0 && is_integer(text) => INTEGER,
            #[allow(clippy::float_cmp)] // T a double is an integer exactly if nothing is cut off
            Value::Double(double) if self.bits & INTEGER != 0 && double.trunc() == *double => INTEGER,
            Value::Number(_) | Value::Double(_) => 0,
        };
        self.bits & bit != 0
    }

    /// Return whether a number of any kind is allowed.
    #[must_use]
    pub fn has_number(self) -> bool {
        self.bits & NUMBER != 0
    }

    /// Return whether a number without a fraction is allowed.
    #[must_use]
    pub fn has_integer(self) -> bool {
        self.bits & (NUMBER | INTEGER) != 0
    }

    /// Return whether a string is allowed.
    #[must_use]
    pub fn has_string(self) -> bool {
        self.bits & STRING != 0
    }

    /// Return whether `true` and `false` are allowed.
    #[must_use]
    pub fn has_boolean(self) -> bool {
        self.bits & BOOLEAN != 0
    }

    /// Return whether `null` is allowed.
    #[must_use]
    pub fn has_null(self) -> bool {
        self.bits & NULL != 0
    }

    /// Return whether an array is allowed.
    #[must_use]
    pub fn has_array(self) -> bool {
        self.bits & ARRAY != 0
    }

    /// Return whether an object is allowed.
    #[must_use]
    pub fn has_object(self) -> bool {
        self.bits & OBJECT != 0
    }
}

fn is_integer(text: &str) -> bool {
    let is_plain = !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    is_plain || Exact::new(text).is_integer()
}

#[cfg(test)]
mod tests {
    use crate::testing::{breaks, meets};

    /// A number is an integer by its value, not by its notation.
    #[test]
    fn integers_by_value() {
        for (number, integer) in
            [("1", true), ("1.0", true), ("1e3", true), ("-0.0", true), ("12e-1", false), ("1e400", true)]
        {
            assert_eq!(meets(r#"{"type": "integer"}"#, number), integer, "{number}");
        }
    }

    /// One of several types suffices, and a failure is one violation.
    #[test]
    fn several_types() {
        assert!(meets(r#"{"type": ["string", "null"]}"#, "null"));
        assert_eq!(breaks(r#"{"type": ["string", "null"]}"#, "1"), [(String::new(), "/type".to_owned())]);
    }
}
