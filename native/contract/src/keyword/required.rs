//! `required`: names that an object must have. Missing names are reported once, at the object.

use std::collections::HashSet;

use chartly_json::{Node, Object, Value};

use super::strings;
use crate::compile::{Compiled, Context};
use crate::schema::{Description, Keyword, Run};

/// With more comparisons than this, a set of the object's keys is built first.
const COMPARISONS_MAX: usize = 512;

#[derive(Debug)]
struct Required(Vec<String>);

pub(super) fn compile<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(Some(Box::new(Required(strings(node)))))
}

/// Return whether the object has all of these names.
pub(super) fn has_all(object: &Object<'_>, names: &[String]) -> bool {
    if names.len() * object.len() <= COMPARISONS_MAX {
        return names.iter().all(|name| object.get(name).is_some());
    }
    let keys: HashSet<&str> = object.members().iter().map(|member| &*member.key).collect();
    names.iter().all(|name| keys.contains(name.as_str()))
}

impl Keyword for Required {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        instance.as_object().is_none_or(|object| has_all(object, &self.0))
    }

    fn describe(&self) -> Description<'_> {
        Description::Required(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::breaks;

    /// Several missing names are one violation: the keyword fails once, at the object.
    #[test]
    fn reports_once_at_the_object() {
        let found = breaks(r#"{"properties": {"o": {"required": ["a", "b"]}}}"#, r#"{"o": {}}"#);
        assert_eq!(found, [("/o".to_owned(), "/properties/o/required".to_owned())]);
    }
}
