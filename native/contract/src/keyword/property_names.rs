//! `propertyNames`: a schema for every name, as a string. A name has no instance path of its own, so each rule is
//! reported once, at the object.

use chartly_json::{Node, Value};

use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::ids::SchemaId;
use crate::place::At;
use crate::schema::{Keyword, Run};

#[derive(Debug)]
struct PropertyNames(SchemaId);

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(Some(Box::new(PropertyNames(context.subschema(node)))))
}

impl Keyword for PropertyNames {
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Value::Object(object) = instance else { return true };
        let is_valid = |run: &mut Run<'_>, name: &str| run.is_valid(self.0, &Value::String(name.into()));
        run.with_temporary(|run| object.members().iter().all(|member| is_valid(run, &member.key)))
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
        let mut found = Vec::new();
        for member in object.members() {
            run.with_temporary(|run| run.violations(self.0, &Value::String((&*member.key).into()), at, &mut found));
            found.sort();
            found.dedup();
        }
        out.append(&mut found);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// Two names that break one rule are one violation, at the object.
    #[test]
    fn reports_at_the_object() {
        let found = breaks(r#"{"propertyNames": {"maxLength": 1}}"#, r#"{"aa": 1, "bb": 2}"#);
        assert_eq!(found, [(String::new(), "/propertyNames/maxLength".to_owned())]);
    }
}
