//! `oneOf`: exactly one schema is met. Otherwise that is one violation, at the instance.

use chartly_json::{Node, Value};

use super::any_of::mark_valid;
use super::schemas;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::schema::{Keyword, Run};

#[derive(Debug)]
struct OneOf(Vec<SchemaId>);

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(Some(Box::new(OneOf(schemas(context, node)))))
}

impl Keyword for OneOf {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        self.0.iter().filter(|id| run.is_valid(**id, instance)).take(2).count() == 1
    }

    fn mark(&self, run: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        mark_valid(&self.0, run, instance, marks);
    }

    fn in_place(&self) -> Vec<SchemaId> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{breaks, meets};

    /// No met schema and two met schemas are the same violation.
    #[test]
    fn needs_exactly_one() {
        let schema = r#"{"oneOf": [{"minimum": 5}, {"multipleOf": 2}]}"#;
        assert!(meets(schema, "7"));
        for instance in ["1", "8"] {
            assert_eq!(breaks(schema, instance), [(String::new(), "/oneOf".to_owned())], "{instance}");
        }
    }
}
