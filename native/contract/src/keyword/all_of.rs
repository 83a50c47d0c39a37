//! `allOf`: every schema is met; each reports its own violations.

use chartly_json::{Node, Value};

use super::schemas;
use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Description, Keyword, Run};

#[derive(Debug)]
struct AllOf(Vec<SchemaId>);

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(Some(Box::new(AllOf(schemas(context, node)))))
}

impl Keyword for AllOf {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        self.0.iter().all(|id| run.is_valid(*id, instance))
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        _: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        for (index, id) in self.0.iter().enumerate() {
            let rule = at.schema.index(index);
            run.violations(*id, instance, At { instance: at.instance, schema: &rule }, out);
        }
    }

    fn mark(&self, run: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        for id in &self.0 {
            run.mark(*id, instance, None, marks);
        }
    }

    fn in_place(&self) -> Vec<SchemaId> {
        self.0.clone()
    }

    fn describe(&self) -> Description<'_> {
        Description::AllOf(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// Every branch reports its own violations.
    #[test]
    fn reports_every_branch() {
        let found = breaks(r#"{"allOf": [{"minimum": 5}, {"multipleOf": 2}]}"#, "1");
        let rules: Vec<&str> = found.iter().map(|(_, rule)| rule.as_str()).collect();
        assert_eq!(rules, ["/allOf/0/minimum", "/allOf/1/multipleOf"]);
    }
}
