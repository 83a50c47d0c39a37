//! The part of a contract about one property, for properties whose rules are more than checks of scalars. The
//! contract's own engine validates it, with everything else of the root left out. Only arrays and objects of checked
//! values are translated here.

use chartly_contract::{Contract, Resources};
use chartly_json::Node;
use serde_json::{Map, Value, json};

use super::checks::Checks;
use super::container::{MEMBERS_MAX, Member, MemberRules, ValueRules};

/// Keywords of the root that a property's schema may refer to, and that assert nothing of the payload by themselves.
const KEPT: [&str; 3] = ["$schema", "$defs", "definitions"];

/// The start of a reference into them.
const KEPT_POINTERS: [&str; 2] = ["/$defs/", "/definitions/"];

/// Return the contract with one property only; `None` when the root doesn't name the property, or when the rest refers
/// to a part that is left out.
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
    if !alone.values().all(refers_to_kept) {
        return None;
    }
    let node = Node::computed(crate::field::owned(&Value::Object(alone)));
    Contract::compile(&node, &Resources::default()).ok()
}

/// Return whether every reference in a schema leads to a kept part. A reference to the root or into its properties
/// would find less than in the contract; a dynamic reference may too.
fn refers_to_kept(schema: &Value) -> bool {
    let is_kept = |reference: &str| {
        reference.split_once('#').is_some_and(|(_, fragment)| {
            let is_pointer = fragment.starts_with('/') || fragment.contains('%');
            !fragment.is_empty() && (!is_pointer || KEPT_POINTERS.iter().any(|kept| fragment.starts_with(kept)))
        })
    };
    match schema {
        Value::Array(elements) => elements.iter().all(refers_to_kept),
        Value::Object(members) => members.iter().all(|(key, value)| match (key.as_str(), value) {
            ("$dynamicRef", Value::String(_)) => false,
            ("$ref", Value::String(reference)) => is_kept(reference),
            _ => refers_to_kept(value),
        }),
        _ => true,
    }
}

/// Keywords of arrays and objects that are translated here. Every other keyword of the schema must be a rule for
/// scalars.
const CONTAINER_KEYWORDS: [&str; 6] =
    ["items", "minItems", "maxItems", "properties", "required", "additionalProperties"];

/// Schemas within schemas that are followed; the contract's engine validates deeper ones.
const DEPTH_MAX: usize = 16;

/// Return the rules of a property whose schema has only rules for scalars, for the length and elements of arrays, and
/// for the members of objects, at any depth.
pub(crate) fn value_rules(contract: &Value, name: &str) -> Option<ValueRules> {
    rules_of(contract, contract.get("properties")?.get(name)?, DEPTH_MAX)
}

fn rules_of(contract: &Value, schema: &Value, depth: usize) -> Option<ValueRules> {
    if *schema == Value::Bool(true) {
        return Some(ValueRules::default());
    }
    let schema = schema.as_object()?;
    let depth = depth.checked_sub(1)?;
    let (inner, scalar): (Map<_, _>, Map<_, _>) =
        schema.clone().into_iter().partition(|(key, _)| CONTAINER_KEYWORDS.contains(&key.as_str()));
    let shape = compile(contract, "element", &Value::Object(scalar))?.shape()?;
    let [element] = shape.properties.as_slice() else { return None };
    if !element.complete {
        return None;
    }
    let limit = |key: &str, otherwise: usize| match inner.get(key) {
        None => Some(otherwise),
        Some(value) => usize::try_from(value.as_u64()?).ok(),
    };
    let items = match inner.get("items") {
        None => None,
        Some(items) => Some(Box::new(rules_of(contract, items, depth)?)),
    };
    Some(ValueRules {
        checks: Checks::new(element.checks.iter().map(|check| check.rule.clone()).collect()),
        items,
        least: limit("minItems", 0)?,
        most: limit("maxItems", usize::MAX)?,
        members: member_rules(contract, &inner, depth)?,
    })
}

/// Return the rules for an object's members.
fn member_rules(contract: &Value, inner: &Map<String, Value>, depth: usize) -> Option<MemberRules> {
    let allows_others = match inner.get("additionalProperties") {
        None | Some(Value::Bool(true)) => true,
        Some(Value::Bool(false)) => false,
        Some(_) => return None,
    };
    let mut members = Vec::new();
    for (name, schema) in inner.get("properties").and_then(Value::as_object).into_iter().flatten() {
        members.push(Member { name: name.clone(), rules: rules_of(contract, schema, depth)?, is_required: false });
    }
    for name in inner.get("required").and_then(Value::as_array).into_iter().flatten() {
        let name = name.as_str()?;
        match members.iter_mut().find(|member| member.name == name) {
            Some(member) => member.is_required = true,
            // A name that is required and not allowed: no object is valid.
            None if !allows_others => return None,
            None => members.push(Member { name: name.to_owned(), rules: ValueRules::default(), is_required: true }),
        }
    }
    if members.len() > MEMBERS_MAX {
        return None;
    }
    let required = members.iter().filter(|member| member.is_required).count();
    Some(MemberRules { members, required, allows_others })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_read(schema: &Value) -> bool {
        let contract = json!({ "properties": { "f": schema }, "$defs": { "sku": { "minLength": 1 }, "open": { "properties": {} } } });
        value_rules(&contract, "f").is_some()
    }

    /// Rules for scalars, elements and named members are translated at any depth, references included.
    #[test]
    fn reads_arrays_and_objects() {
        let item = json!({ "type": "object", "properties": { "sku": { "$ref": "#/$defs/sku" }, "tags": { "items": true } }, "required": ["sku"] });
        for schema in [
            json!({ "type": "array", "items": item, "minItems": 1, "maxItems": 9 }),
            json!({ "additionalProperties": false, "properties": { "a": item } }),
            json!({ "required": ["a"], "title": "an object", "additionalProperties": true }),
        ] {
            assert!(is_read(&schema), "{schema}");
        }
    }

    /// Other keywords about members or elements are left to the contract's engine.
    #[test]
    fn leaves_other_keywords_to_the_engine() {
        for schema in [
            json!({ "type": "array", "uniqueItems": true }),
            json!({ "items": { "properties": { "a": { "contains": {} } } } }),
            json!({ "prefixItems": [{}], "items": { "type": "string" } }),
            json!({ "items": false }),
            json!({ "patternProperties": { "^a": {} }, "additionalProperties": false }),
            json!({ "additionalProperties": { "type": "string" } }),
            json!({ "required": ["a"], "additionalProperties": false }),
            json!({ "properties": { "a": { "$ref": "#/$defs/open" } } }),
            json!({ "properties": {}, "unevaluatedProperties": false }),
            json!({ "not": {}, "minProperties": 1 }),
        ] {
            assert!(!is_read(&schema), "{schema}");
        }
    }
}
