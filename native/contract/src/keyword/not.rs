//! `not`: the schema is not met. The violations of that schema are not reported.

use chartly_json::{Node, Value};

use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::schema::{Keyword, Run};

#[derive(Debug)]
struct Not(SchemaId);

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(Some(Box::new(Not(context.subschema(node)))))
}

impl Keyword for Not {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        !run.is_valid(self.0, instance)
    }

    fn in_place(&self) -> Vec<SchemaId> {
        vec![self.0]
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// A schema that is met but must not be is one violation.
    #[test]
    fn reports_once() {
        assert_eq!(breaks(r#"{"not": {"type": "number", "minimum": 0}}"#, "1"), [(String::new(), "/not".to_owned())]);
        assert_eq!(breaks(r#"{"not": {"type": "number", "minimum": 0}}"#, "-1"), []);
    }
}
