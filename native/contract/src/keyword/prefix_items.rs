//! `prefixItems`: schemas for the first elements, by position.

use chartly_json::{Node, Value};

use super::schemas;
use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Keyword, Run};

#[derive(Debug)]
struct PrefixItems(Vec<SchemaId>);

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(Some(Box::new(PrefixItems(schemas(context, node)))))
}

impl Keyword for PrefixItems {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Value::Array(elements) = instance else { return true };
        self.0.iter().zip(elements).all(|(id, element)| run.is_valid(*id, &element.value))
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        _: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        let Value::Array(elements) = instance else { return };
        for (index, (id, element)) in self.0.iter().zip(elements).enumerate() {
            let (child, rule) = (at.instance.index(index), at.schema.index(index));
            run.violations(*id, &element.value, At { instance: &child, schema: &rule }, out);
        }
    }

    fn mark(&self, _: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        if instance.as_array().is_some() {
            (0..self.0.len()).for_each(|position| marks.mark(position));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// Each element meets the schema at its own position; further elements meet none.
    #[test]
    fn checks_by_position() {
        let found = breaks(r#"{"prefixItems": [{"type": "string"}, {"type": "number"}]}"#, r#"["a", "b", "c"]"#);
        assert_eq!(found, [("/1".to_owned(), "/prefixItems/1/type".to_owned())]);
    }
}
