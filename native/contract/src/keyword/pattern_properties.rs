//! `patternProperties`: schemas for members whose name has a match of a pattern.

use chartly_json::{Node, Value};

use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Keyword, Run};
use crate::{ContractError, Pattern, Violation};

#[derive(Debug)]
struct PatternProperties(Vec<(Pattern, SchemaId)>);

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let Value::Object(object) = &node.value else { return Ok(None) };
    let patterns = patterns(context, node)?;
    let ids = object.members().iter().map(|member| context.subschema(&member.node));
    Ok(Some(Box::new(PatternProperties(patterns.into_iter().zip(ids).collect()))))
}

/// Return the compiled names of a `patternProperties`.
pub(super) fn patterns(context: &Context<'_, '_>, node: &Node<'_>) -> Result<Vec<Pattern>, ContractError> {
    let Value::Object(object) = &node.value else { return Ok(Vec::new()) };
    let compile = |text: &str| {
        Pattern::compile(text).map_err(|problem| context.pattern_error(&["patternProperties", text], problem))
    };
    object.members().iter().map(|member| compile(&member.key)).collect()
}

impl Keyword for PatternProperties {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Value::Object(object) = instance else { return true };
        object.members().iter().all(|member| {
            let mut matching = self.0.iter().filter(|(pattern, _)| pattern.is_match(&member.key));
            matching.all(|(_, id)| run.is_valid(*id, &member.node.value))
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
            for (pattern, id) in self.0.iter().filter(|(pattern, _)| pattern.is_match(&member.key)) {
                let (child, rule) = (at.instance.name(&member.key), at.schema.name(pattern.text()));
                run.violations(*id, &member.node.value, At { instance: &child, schema: &rule }, out);
            }
        }
    }

    fn mark(&self, _: &mut Run<'_>, instance: &Value<'_>, marks: &mut Marks) {
        let Value::Object(object) = instance else { return };
        for (position, member) in object.members().iter().enumerate() {
            if self.0.iter().any(|(pattern, _)| pattern.is_match(&member.key)) {
                marks.mark(position);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// A name that matches several patterns is checked by each.
    #[test]
    fn applies_every_match() {
        let found = breaks(r#"{"patternProperties": {"a": {"type": "string"}, "b": {"minimum": 5}}}"#, r#"{"ab": 1}"#);
        let rules: Vec<&str> = found.iter().map(|(_, rule)| rule.as_str()).collect();
        assert_eq!(rules, ["/patternProperties/a/type", "/patternProperties/b/minimum"]);
    }
}
