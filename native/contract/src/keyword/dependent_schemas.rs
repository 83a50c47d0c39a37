//! `dependentSchemas`: schemas for an object that has a member of a certain name.

use chartly_json::{Node, Value};

use super::named_schemas;
use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Keyword, Run};

#[derive(Debug)]
struct DependentSchemas(Vec<(String, SchemaId)>);

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(Some(Box::new(DependentSchemas(named_schemas(context, node)))))
}

impl DependentSchemas {
    /// Return the schemas that apply, with the names that they depend on.
    fn called<'k>(&'k self, instance: &Value<'_>) -> impl Iterator<Item = &'k (String, SchemaId)> {
        let object = instance.as_object();
        self.0.iter().filter(move |(name, _)| object.is_some_and(|object| object.get(name).is_some()))
    }
}

impl Keyword for DependentSchemas {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        self.called(instance).all(|(_, id)| run.is_valid(*id, instance))
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        _: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        for (name, id) in self.called(instance) {
            let rule = at.schema.name(name);
            run.violations(*id, instance, At { instance: at.instance, schema: &rule }, out);
        }
    }

    fn mark(&self, run: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        for (_, id) in self.called(instance) {
            run.mark(*id, instance, None, marks);
        }
    }

    fn in_place(&self) -> Vec<SchemaId> {
        self.0.iter().map(|(_, id)| *id).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// The schema applies to the object, and only if the member is present.
    #[test]
    fn applies_when_called() {
        let schema = r#"{"dependentSchemas": {"card": {"required": ["expiry"]}}}"#;
        assert_eq!(breaks(schema, r#"{"card": 1}"#), [(String::new(), "/dependentSchemas/card/required".to_owned())]);
        assert_eq!(breaks(schema, r#"{"cash": 1}"#), []);
    }
}
