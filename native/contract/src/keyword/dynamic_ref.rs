//! `$dynamicRef`: like `$ref`, unless it leads to a `$dynamicAnchor`. Then it leads to the outermost schema in dynamic
//! scope that has an anchor of that name.

use chartly_json::{Node, Value};

use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Keyword, Run};

#[derive(Debug)]
struct DynamicRef {
    target: SchemaId,
    /// The anchor to look for in dynamic scope; `None` when the reference behaves like `$ref`.
    anchor: Option<String>,
}

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let Some(reference) = node.value.as_str() else { return Ok(None) };
    let target = context.reference(reference)?;
    let anchor = context.dynamic_anchor(reference)?;
    Ok(Some(Box::new(DynamicRef { target, anchor })))
}

impl DynamicRef {
    fn target(&self, run: &Run<'_>) -> SchemaId {
        match &self.anchor {
            Some(anchor) => run.dynamic_target(anchor, self.target),
            None => self.target,
        }
    }
}

impl Keyword for DynamicRef {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let target = self.target(run);
        run.follow(target, instance, true, |run| run.is_valid(target, instance))
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        _: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        let target = self.target(run);
        run.follow(target, instance, (), |run| run.violations(target, instance, at, out));
    }

    fn mark(&self, run: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        let target = self.target(run);
        run.follow(target, instance, (), |run| run.mark(target, instance, None, marks));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::meets;

    /// A schema that extends a recursive one is used at every level of it.
    #[test]
    fn the_outermost_anchor_wins() {
        let schema = r##"{
            "$id": "https://example.test/strict", "$dynamicAnchor": "node", "$ref": "tree", "unevaluatedProperties": false,
            "$defs": {"tree": {"$id": "tree", "$dynamicAnchor": "node",
                "properties": {"value": true, "children": {"items": {"$dynamicRef": "#node"}}}}}
        }"##;
        assert!(meets(schema, r#"{"children": [{"value": 1}]}"#));
        assert!(!meets(schema, r#"{"children": [{"valeu": 1}]}"#));
    }

    /// A dynamic reference that leads back to itself ends.
    #[test]
    fn ends_on_circles() {
        assert!(meets(r##"{"$dynamicAnchor": "a", "allOf": [{"$dynamicRef": "#a"}]}"##, "1"));
    }
}
