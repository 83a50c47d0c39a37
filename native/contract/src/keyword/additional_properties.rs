//! `additionalProperties`: a schema for members that neither `properties` nor `patternProperties` of the same schema
//! name. `false` reports once, at the object.

use chartly_json::{Member, Node, Object, Value};

use super::is_false;
use super::pattern_properties::patterns;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::names::Names;
use crate::place::At;
use crate::schema::{Description, Keyword, Run};
use crate::{Pattern, Violation};

#[derive(Debug)]
struct AdditionalProperties {
    names: Vec<String>,
    by_name: Names<()>,
    patterns: Vec<Pattern>,
    schema: SchemaId,
    is_false: bool,
}

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let beside = context.schema.get("properties").and_then(|properties| properties.value.as_object());
    let members = beside.map(Object::members).unwrap_or_default();
    let names: Vec<String> = members.iter().map(|member| member.key.clone().into_owned()).collect();
    let patterns = match context.schema.get("patternProperties") {
        Some(beside) => patterns(context, beside)?,
        None => Vec::new(),
    };
    let by_name = Names::new(names.iter().map(|name| (name.clone(), ())));
    let schema = context.subschema(node);
    Ok(Some(Box::new(AdditionalProperties { names, by_name, patterns, schema, is_false: is_false(node) })))
}

impl AdditionalProperties {
    fn is_additional(&self, member: &Member<'_>) -> bool {
        !self.by_name.has(&member.key) && !self.patterns.iter().any(|pattern| pattern.is_match(&member.key))
    }
}

impl Keyword for AdditionalProperties {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Value::Object(object) = instance else { return true };
        let mut additional = object.members().iter().filter(|member| self.is_additional(member));
        additional.all(|member| run.is_valid(self.schema, &member.node.value))
    }

    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        name: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        let Value::Object(object) = instance else { return };
        let mut additional = object.members().iter().filter(|member| self.is_additional(member));
        if self.is_false {
            out.extend(additional.next().map(|_| at.violation(name)));
            return;
        }
        for member in additional {
            let child = at.instance.name(&member.key);
            run.violations(self.schema, &member.node.value, At { instance: &child, schema: at.schema }, out);
        }
    }

    fn mark(&self, _: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        let Value::Object(object) = instance else { return };
        for (position, member) in object.members().iter().enumerate() {
            if self.is_additional(member) {
                marks.mark(position);
            }
        }
    }

    fn describe(&self) -> Description<'_> {
        if self.is_false && self.patterns.is_empty() { Description::ClosedTo(&self.names) } else { Description::Opaque }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// `false` is one violation at the object; a schema reports at each member.
    #[test]
    fn reports_at_the_object_or_the_members() {
        let closed =
            breaks(r#"{"properties": {"a": true}, "additionalProperties": false}"#, r#"{"a": 1, "b": 2, "c": 3}"#);
        assert_eq!(closed, [(String::new(), "/additionalProperties".to_owned())]);
        let typed = breaks(r#"{"additionalProperties": {"type": "string"}}"#, r#"{"b": 2, "c": 3}"#);
        let places: Vec<&str> = typed.iter().map(|(instance, _)| instance.as_str()).collect();
        assert_eq!(places, ["/b", "/c"]);
    }
}
