//! `unevaluatedItems`: a schema for elements that no other keyword has evaluated, in this schema or in those applied in
//! place. `false` reports once, at the array.

use chartly_json::{Node, Value};

use super::is_false;
use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Keyword, Run};

const NAME: &str = "unevaluatedItems";

#[derive(Debug)]
struct UnevaluatedItems {
    /// The schema that has the keyword.
    beside: SchemaId,
    schema: SchemaId,
    is_false: bool,
}

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let (beside, schema) = (context.id, context.subschema(node));
    Ok(Some(Box::new(UnevaluatedItems { beside, schema, is_false: is_false(node) })))
}

impl UnevaluatedItems {
    fn marks(&self, run: &mut Run<'_>, instance: &Value<'_>, count: usize) -> Marks {
        let mut marks = Marks::none_of(count);
        run.mark(self.beside, instance, Some(NAME), &mut marks);
        marks
    }
}

impl Keyword for UnevaluatedItems {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Value::Array(elements) = instance else { return true };
        let marks = self.marks(run, instance, elements.len());
        marks.unmarked().all(|position| run.is_valid(self.schema, &elements[position].value))
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        name: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        let Value::Array(elements) = instance else { return };
        let marks = self.marks(run, instance, elements.len());
        if self.is_false {
            out.extend((!marks.are_all()).then(|| at.violation(name)));
            return;
        }
        for position in marks.unmarked() {
            let child = at.instance.index(position);
            run.violations(self.schema, &elements[position].value, At { instance: &child, schema: at.schema }, out);
        }
    }

    fn mark(&self, _: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        if instance.as_array().is_some() {
            marks.mark_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{breaks, meets};

    /// Elements that `contains` matches are evaluated; others are not.
    #[test]
    fn contains_evaluates() {
        let schema = r#"{"contains": {"type": "string"}, "unevaluatedItems": {"type": "number"}}"#;
        assert!(meets(schema, r#"["a", 1]"#));
        assert_eq!(breaks(schema, r#"["a", null]"#), [("/1".to_owned(), "/unevaluatedItems/type".to_owned())]);
    }
}
