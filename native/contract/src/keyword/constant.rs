//! `const`: the instance equals one value, numbers by value and members in any order.

use std::sync::Arc;

use chartly_json::{Node, Value};

use crate::Rule;
use crate::compile::{Compiled, Context};
use crate::schema::{Description, Keyword, Run};

#[derive(Debug)]
struct Const(Arc<Value<'static>>);

pub(super) fn compile<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(Some(Box::new(Const(Arc::new(node.value.clone().into_owned())))))
}

impl Keyword for Const {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        self.0.equals(instance)
    }

    fn describe(&self) -> Description<'_> {
        Description::Rule(Rule::Const(Arc::clone(&self.0)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::meets;

    /// `1` and `1.0` are one value; `1` and `true` are not.
    #[test]
    fn compares_values() {
        assert!(meets(r#"{"const": {"a": 1, "b": 2}}"#, r#"{"b": 2.0, "a": 1e0}"#));
        assert!(!meets(r#"{"const": 1}"#, "true"));
    }
}
