//! `contains`, `minContains`, `maxContains`: how many elements meet a schema. Each fails at its own place.

use chartly_json::{Node, Value};

use super::count::limit;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::schema::{Keyword, Run};

/// At least one element must meet the schema, unless `minContains` is present.
#[derive(Debug)]
struct Contains {
    schema: SchemaId,
    is_counted: bool,
}

#[derive(Debug)]
struct Counted {
    schema: SchemaId,
    least: bool,
    limit: u64,
}

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let is_counted = context.schema.get("minContains").is_some();
    Ok(Some(Box::new(Contains { schema: context.subschema(node), is_counted })))
}

pub(super) fn compile_min<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(counted(context, node, true))
}

pub(super) fn compile_max<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(counted(context, node, false))
}

/// Compile a limit. Without `contains` it asserts nothing.
fn counted(context: &mut Context<'_, '_>, node: &Node<'_>, least: bool) -> Option<Box<dyn Keyword>> {
    let contains = context.schema.get("contains")?;
    let limit = limit(&node.value)?;
    Some(Box::new(Counted { schema: context.subschema(contains), least, limit }))
}

impl Keyword for Contains {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Value::Array(elements) = instance else { return true };
        self.is_counted || elements.iter().any(|element| run.is_valid(self.schema, &element.value))
    }

    fn mark(&self, run: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        let Value::Array(elements) = instance else { return };
        for (position, element) in elements.iter().enumerate() {
            if run.is_valid(self.schema, &element.value) {
                marks.mark(position);
            }
        }
    }
}

impl Keyword for Counted {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Value::Array(elements) = instance else { return true };
        let count = elements.iter().filter(|element| run.is_valid(self.schema, &element.value)).count() as u64;
        if self.least { count >= self.limit } else { count <= self.limit }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{breaks, meets};

    /// The violation names the keyword that fails.
    #[test]
    fn names_the_limit() {
        let rules = |schema: &str, instance: &str| {
            breaks(schema, instance).into_iter().map(|(_, rule)| rule).collect::<Vec<_>>()
        };
        assert_eq!(rules(r#"{"contains": {"const": 1}}"#, "[2]"), ["/contains"]);
        assert_eq!(rules(r#"{"contains": {"const": 1}, "minContains": 2}"#, "[1]"), ["/minContains"]);
        assert_eq!(rules(r#"{"contains": {"const": 1}, "maxContains": 1}"#, "[1, 1]"), ["/maxContains"]);
    }

    /// With `minContains: 0` no element is needed; without `contains` the limits assert nothing.
    #[test]
    fn limits_alone_ask_nothing() {
        assert!(meets(r#"{"contains": {"const": 1}, "minContains": 0}"#, "[]"));
        assert!(meets(r#"{"minContains": 5}"#, "[]"));
    }
}
