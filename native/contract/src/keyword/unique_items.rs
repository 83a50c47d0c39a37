//! `uniqueItems`: no two elements are equal. Many elements are compared by hash, so that the time stays linear.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;

use chartly_json::{Node, Value};

use crate::compile::{Compiled, Context};
use crate::schema::{Keyword, Run};

/// The most elements that are compared pair by pair.
const PAIRWISE_MAX: usize = 12;

#[derive(Debug)]
struct UniqueItems;

pub(super) fn compile<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let asked = matches!(node.value, Value::Bool(true));
    Ok(asked.then(|| Box::new(UniqueItems) as Box<dyn Keyword>))
}

impl Keyword for UniqueItems {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        instance.as_array().is_none_or(are_unique)
    }
}

fn are_unique(elements: &[Node<'_>]) -> bool {
    if elements.len() <= PAIRWISE_MAX {
        let repeats = |(index, element): (usize, &Node<'_>)| {
            elements[..index].iter().any(|earlier| earlier.value.equals(&element.value))
        };
        return !elements.iter().enumerate().any(repeats);
    }
    let hasher = RandomState::new();
    let mut by_hash: HashMap<u64, Vec<&Value<'_>>> = HashMap::with_capacity(elements.len());
    elements.iter().all(|element| {
        let alike = by_hash.entry(element.value.hash_with(&hasher)).or_default();
        let is_new = !alike.iter().any(|earlier| earlier.equals(&element.value));
        alike.push(&element.value);
        is_new
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::meets;

    /// Elements are compared by value, not by notation, whether they are few or many.
    #[test]
    fn compares_values() {
        let schema = r#"{"uniqueItems": true}"#;
        assert!(!meets(schema, r#"[{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}]"#));
        assert!(meets(schema, r#"[1, true, "1", [1], {"1": 1}, 0, false, null]"#));
        let many: Vec<String> = (0..100).map(|number| format!(r#"{{"n": {number}, "m": [{number}.5]}}"#)).collect();
        assert!(meets(schema, &format!("[{}]", many.join(","))));
        assert!(!meets(schema, &format!(r#"[{}, {{"m": [7.50], "n": 7e0}}]"#, many.join(","))));
    }
}
