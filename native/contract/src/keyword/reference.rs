//! `$ref`: the schema that a URI reference leads to. The schema paths of its violations include `$ref`.

use chartly_json::{Node, Value};

use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Description, Keyword, Run};

#[derive(Debug)]
struct Ref(SchemaId);

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let Some(reference) = node.value.as_str() else { return Ok(None) };
    let target = context.reference(reference)?;
    Ok(Some(Box::new(Ref(target))))
}

impl Keyword for Ref {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        run.is_valid(self.0, instance)
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        _: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        run.violations(self.0, instance, at, out);
    }

    fn mark(&self, run: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        run.mark(self.0, instance, None, marks);
    }

    fn in_place(&self) -> Vec<SchemaId> {
        vec![self.0]
    }

    fn describe(&self) -> Description<'_> {
        Description::Reference(self.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{breaks, refused};

    /// The schema path is the path of the evaluation, through the reference.
    #[test]
    fn reports_through_the_reference() {
        let schema = r##"{"$defs": {"m": {"minimum": 0}}, "properties": {"a": {"$ref": "#/$defs/m"}}}"##;
        assert_eq!(breaks(schema, r#"{"a": -1}"#), [("/a".to_owned(), "/properties/a/$ref/minimum".to_owned())]);
    }

    /// A reference to nothing, or back to itself, is an error when the contract is compiled.
    #[test]
    fn refuses_dead_ends_and_circles() {
        let dead = refused(r##"{"items": {"$ref": "#/$defs/none"}}"##);
        assert_eq!(dead, r##"the reference "#/$defs/none" at #/items leads to no given schema"##);
        let circle = refused(r##"{"allOf": [{"$ref": "#"}]}"##);
        assert!(circle.ends_with("leads back to itself"), "{circle}");
    }
}
