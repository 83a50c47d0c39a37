//! `properties`: schemas for members by name.

use chartly_json::{Node, Value};

use super::named_schemas;
use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::names::Names;
use crate::place::At;
use crate::schema::{Description, Keyword, Run};

#[derive(Debug)]
struct Properties {
    named: Vec<(String, SchemaId)>,
    /// The same schemas, for search by name.
    by_name: Names<SchemaId>,
}

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let named = named_schemas(context, node);
    let by_name = Names::new(named.iter().cloned());
    Ok(Some(Box::new(Properties { named, by_name })))
}

impl Properties {
    fn schema(&self, name: &str) -> Option<SchemaId> {
        self.by_name.get(name).copied()
    }
}

impl Keyword for Properties {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Value::Object(object) = instance else { return true };
        object.members().iter().all(|member| match self.schema(&member.key) {
            Some(id) => run.is_valid(id, &member.node.value),
            None => true,
        })
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        _: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        let Value::Object(object) = instance else { return };
        for member in object.members() {
            if let Some(id) = self.schema(&member.key) {
                let (child, rule) = (at.instance.name(&member.key), at.schema.name(&member.key));
                run.violations(id, &member.node.value, At { instance: &child, schema: &rule }, out);
            }
        }
    }

    fn mark(&self, _: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        let Value::Object(object) = instance else { return };
        for (position, member) in object.members().iter().enumerate() {
            if self.schema(&member.key).is_some() {
                marks.mark(position);
            }
        }
    }

    fn describe(&self) -> Description<'_> {
        Description::Properties(&self.named)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// All members are checked and reported in order, not only up to the first violation.
    #[test]
    fn reports_every_member() {
        let schema = r#"{"properties": {"b": {"type": "string"}, "a": {"type": "string"}, "c": false}}"#;
        let found = breaks(schema, r#"{"b": 1, "c": 1, "a": 1}"#);
        let places: Vec<&str> = found.iter().map(|(instance, _)| instance.as_str()).collect();
        assert_eq!(places, ["/a", "/b", "/c"]);
        assert_eq!(found[2].1, "/properties/c");
    }
}
