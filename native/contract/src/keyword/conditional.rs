//! `if`, `then`, `else`: `if` asserts nothing; the other two report at their own places.

use chartly_json::{Node, Value};

use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Keyword, Run};

#[derive(Debug)]
struct If(SchemaId);

#[derive(Debug)]
struct Branch {
    condition: SchemaId,
    /// The outcome of `if` for which the branch applies.
    when: bool,
    schema: SchemaId,
}

pub(super) fn compile_if<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(Some(Box::new(If(context.subschema(node)))))
}

pub(super) fn compile_then<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(branch(context, node, true))
}

pub(super) fn compile_else<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(branch(context, node, false))
}

/// Compile a branch. Without `if` it asserts nothing.
fn branch<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>, when: bool) -> Option<Box<dyn Keyword>> {
    let condition = context.schema.get("if")?;
    let condition = context.subschema(condition);
    Some(Box::new(Branch { condition, when, schema: context.subschema(node) }))
}

impl Keyword for If {
    fn is_valid(&self, _: &mut Run<'_>, _: &Value<'_>) -> bool {
        true
    }

    fn mark(&self, run: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        if run.is_valid(self.0, instance) {
            run.mark(self.0, instance, None, marks);
        }
    }

    fn in_place(&self) -> Vec<SchemaId> {
        vec![self.0]
    }
}

impl Branch {
    fn is_taken(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        run.is_valid(self.condition, instance) == self.when
    }
}

impl Keyword for Branch {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        !self.is_taken(run, instance) || run.is_valid(self.schema, instance)
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        _: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        if self.is_taken(run, instance) {
            run.violations(self.schema, instance, at, out);
        }
    }

    fn mark(&self, run: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        if self.is_taken(run, instance) {
            run.mark(self.schema, instance, None, marks);
        }
    }

    fn in_place(&self) -> Vec<SchemaId> {
        vec![self.schema]
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// The branch that applies reports at its own place.
    #[test]
    fn reports_the_branch_taken() {
        let schema = r#"{"if": {"minimum": 10}, "then": {"multipleOf": 10}, "else": {"multipleOf": 2}}"#;
        assert_eq!(breaks(schema, "12"), [(String::new(), "/then/multipleOf".to_owned())]);
        assert_eq!(breaks(schema, "3"), [(String::new(), "/else/multipleOf".to_owned())]);
        assert_eq!(breaks(schema, "20"), []);
    }
}
