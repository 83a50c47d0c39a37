//! What a contract says of one property alone, for properties whose rules are more than checks on scalars. It is asked of
//! the contract's own engine, with everything else of the root left out; only arrays of checked elements are read here.

use chartly_contract::{Contract, Resources};
use chartly_json::Node;
use serde_json::{Map, Value, json};

use super::checks::Checks;
use super::container::ArrayRules;

/// Keywords of the root that a property's schema may need, and that say nothing of the payload by themselves.
const KEPT: [&str; 3] = ["$schema", "$defs", "definitions"];

/// Keywords that ask nothing.
const ANNOTATIONS: [&str; 6] = ["title", "description", "$comment", "default", "examples", "deprecated"];

/// The contract with one property only; `None` when the root doesn't name it itself, or when what is left refers to what
/// was left out.
pub(crate) fn contract(contract: &Value, name: &str) -> Option<Contract> {
    compile(contract, name, contract.get("properties")?.get(name)?)
}

fn compile(contract: &Value, name: &str, schema: &Value) -> Option<Contract> {
    let mut alone = Map::new();
    for key in KEPT {
        if let Some(value) = contract.get(key) {
            alone.insert(key.to_owned(), value.clone());
        }
    }
    alone.insert("properties".to_owned(), json!({ name: schema }));
    let node = Node::computed(crate::field::owned(&Value::Object(alone)));
    Contract::compile(&node, &Resources::default()).ok()
}

/// The rules of an array property that asks only for its length and for scalar rules of its elements, or for none.
pub(crate) fn array_rules(contract: &Value, name: &str) -> Option<ArrayRules> {
    let schema = contract.get("properties")?.get(name)?.as_object()?;
    let is_known = |key: &String| {
        ANNOTATIONS.contains(&key.as_str()) || ["type", "items", "minItems", "maxItems"].contains(&key.as_str())
    };
    if !schema.keys().all(is_known) || schema.get("type") != Some(&json!("array")) {
        return None;
    }
    let limit = |key: &str, otherwise: usize| match schema.get(key) {
        None => Some(otherwise),
        Some(value) => usize::try_from(value.as_u64()?).ok(),
    };
    let elements = match schema.get("items") {
        None => Checks::new(Vec::new()),
        Some(items) => {
            let shape = compile(contract, "element", items)?.shape()?;
            let [element] = shape.properties.as_slice() else { return None };
            if !element.complete {
                return None;
            }
            Checks::new(element.checks.iter().map(|check| check.rule.clone()).collect())
        }
    };
    Some(ArrayRules { elements, least: limit("minItems", 0)?, most: limit("maxItems", usize::MAX)? })
}
