//! `dependentRequired`: names that an object must have if it has another name.

use chartly_json::{Node, Value};

use super::required::has_all;
use super::strings;
use crate::Violation;
use crate::compile::{Compiled, Context};
use crate::place::At;
use crate::schema::{Keyword, Run};

#[derive(Debug)]
struct DependentRequired(Vec<(String, Vec<String>)>);

pub(super) fn compile<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let Value::Object(object) = &node.value else { return Ok(None) };
    let members = object.members().iter();
    let dependencies = members.map(|member| (member.key.clone().into_owned(), strings(&member.node))).collect();
    Ok(Some(Box::new(DependentRequired(dependencies))))
}

impl DependentRequired {
    /// Return the names whose dependencies are missing.
    fn broken<'k>(&'k self, instance: &Value<'_>) -> impl Iterator<Item = &'k str> {
        let object = instance.as_object();
        self.0.iter().filter_map(move |(name, needed)| {
            let object = object?;
            (object.get(name).is_some() && !has_all(object, needed)).then_some(name.as_str())
        })
    }
}

impl Keyword for DependentRequired {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        self.broken(instance).next().is_none()
    }

    fn violations(
        &self,
        _: &mut Run<'_>,
        instance: &Value<'_>,
        name: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        for cause in self.broken(instance) {
            let here = at.schema.name(cause);
            out.push(At { instance: at.instance, schema: &here }.violation(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// The schema path includes the name that requires others.
    #[test]
    fn names_the_cause() {
        let found = breaks(r#"{"dependentRequired": {"card": ["expiry"], "iban": ["bic"]}}"#, r#"{"card": 1}"#);
        assert_eq!(found, [(String::new(), "/dependentRequired/card".to_owned())]);
    }
}
