//! `anyOf`: at least one schema is met. When none is, that is one violation, at the instance.

use chartly_json::{Node, Value};

use super::schemas;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::schema::{Keyword, Run};

#[derive(Debug)]
struct AnyOf(Vec<SchemaId>);

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(Some(Box::new(AnyOf(schemas(context, node)))))
}

impl Keyword for AnyOf {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        self.0.iter().any(|id| run.is_valid(*id, instance))
    }

    fn mark(&self, run: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        mark_valid(&self.0, run, instance, marks);
    }

    fn in_place(&self) -> Vec<SchemaId> {
        self.0.clone()
    }
}

/// Mark what the met branches have evaluated.
pub(super) fn mark_valid(branches: &[SchemaId], run: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
    for id in branches {
        if run.is_valid(*id, instance) {
            run.mark(*id, instance, None, marks);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// Any number of failing branches is one violation.
    #[test]
    fn reports_once() {
        let schema = r#"{"properties": {"a": {"anyOf": [{"type": "string", "minLength": 9}, {"type": "null"}]}}}"#;
        assert_eq!(breaks(schema, r#"{"a": 1}"#), [("/a".to_owned(), "/properties/a/anyOf".to_owned())]);
    }
}
