//! `enum`: the instance equals one of some values. Many strings, the common case, are searched by name.

use std::sync::Arc;

use chartly_json::{Node, Value};

use crate::Rule;
use crate::compile::{Compiled, Context};
use crate::names::Names;
use crate::schema::{Description, Keyword, Run};

/// The most values that are compared one by one.
const COMPARED_MAX: usize = 8;

#[derive(Debug)]
struct Enum {
    values: Arc<[Value<'static>]>,
    /// The strings among the values, when there are many.
    strings: Names<()>,
}

pub(super) fn compile<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let Value::Array(elements) = &node.value else { return Ok(None) };
    let values: Arc<[Value<'static>]> = elements.iter().map(|element| element.value.clone().into_owned()).collect();
    let is_long = values.len() > COMPARED_MAX;
    let texts = values.iter().filter_map(Value::as_str).filter(|_| is_long);
    let strings = Names::new(texts.map(|text| (text.to_owned(), ())));
    Ok(Some(Box::new(Enum { values, strings })))
}

impl Keyword for Enum {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        match instance.as_str() {
            Some(text) if !self.strings.is_empty() => self.strings.has(text),
            _ => self.values.iter().any(|value| value.equals(instance)),
        }
    }

    fn describe(&self) -> Description<'_> {
        Description::Rule(Rule::Enum(Arc::clone(&self.values)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::meets;

    /// Values of every type are found, whether they are few or many.
    #[test]
    fn finds_values() {
        let many = r#"{"enum": ["a", "b", "c", "d", "e", "f", "g", "h", "i", 5, null, [1]]}"#;
        for (instance, expected) in
            [(r#""i""#, true), (r#""z""#, false), ("5.0", true), ("[1.0]", true), ("null", true)]
        {
            assert_eq!(meets(many, instance), expected, "{instance}");
        }
        assert!(!meets(r#"{"enum": ["a", 0]}"#, "false"));
    }
}
