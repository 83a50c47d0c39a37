//! `unevaluatedProperties`: a schema for members that no other keyword has evaluated, in this schema or in those
//! applied in place. `false` reports once, at the object.

use chartly_json::{Node, Object, Value};

use super::is_false;
use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Keyword, Run};

const NAME: &str = "unevaluatedProperties";

#[derive(Debug)]
struct UnevaluatedProperties {
    /// The schema that has the keyword.
    beside: SchemaId,
    schema: SchemaId,
    is_false: bool,
}

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let (beside, schema) = (context.id, context.subschema(node));
    Ok(Some(Box::new(UnevaluatedProperties { beside, schema, is_false: is_false(node) })))
}

impl UnevaluatedProperties {
    fn marks(&self, run: &mut Run<'_>, instance: &Value<'_>, object: &Object<'_>) -> Marks {
        let mut marks = Marks::none_of(object.len());
        run.mark(self.beside, instance, Some(NAME), &mut marks);
        marks
    }
}

impl Keyword for UnevaluatedProperties {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Value::Object(object) = instance else { return true };
        let marks = self.marks(run, instance, object);
        marks.unmarked().all(|position| run.is_valid(self.schema, &object.members()[position].node.value))
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        name: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        let Value::Object(object) = instance else { return };
        let marks = self.marks(run, instance, object);
        if self.is_false {
            out.extend((!marks.are_all()).then(|| at.violation(name)));
            return;
        }
        for position in marks.unmarked() {
            let member = &object.members()[position];
            let child = at.instance.name(&member.key);
            run.violations(self.schema, &member.node.value, At { instance: &child, schema: at.schema }, out);
        }
    }

    fn mark(&self, _: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        if instance.as_object().is_some() {
            marks.mark_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// A member that another keyword evaluates counts as evaluated even if it breaks that keyword's rule, so that one
    /// fault is one violation.
    #[test]
    fn one_fault_is_reported_once() {
        let schema = r#"{"allOf": [{"properties": {"a": {"type": "string"}}}], "unevaluatedProperties": false}"#;
        assert_eq!(breaks(schema, r#"{"a": 1}"#), [("/a".to_owned(), "/allOf/0/properties/a/type".to_owned())]);
        assert_eq!(breaks(schema, r#"{"b": 1, "c": 1}"#), [(String::new(), "/unevaluatedProperties".to_owned())]);
    }
}
