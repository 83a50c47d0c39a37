//! The shape of a contract agrees with its engine.

use std::collections::BTreeSet;

use chartly_contract::{Contract, ObjectShape, Resources, Rule};
use chartly_json::{Limits, Node, Value, parse};
use proptest::prelude::*;

/// A contract with everything that a table can describe, some of it behind references.
const SALE: &str = r##"{
    "$defs": {
        "money": {"type": "number", "minimum": 0, "multipleOf": 0.01},
        "named": {"required": ["id"], "properties": {"id": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]+$"}}}
    },
    "type": "object",
    "allOf": [{"$ref": "#/$defs/named"}],
    "required": ["type", "at"],
    "properties": {
        "type": {"const": "sale"},
        "id": {"minLength": 5, "maxLength": 12},
        "at": {"type": "string", "format": "date-time"},
        "price": {"$ref": "#/$defs/money", "maximum": 1000000},
        "quantity": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 100},
        "channel": {"enum": ["web", "shop", null]}
    },
    "additionalProperties": false
}"##;

fn compiled(schema: &str) -> Contract {
    let schema = parse(schema.as_bytes(), Limits::default()).expect("the schema is JSON");
    Contract::compile(&schema, &Resources::new()).expect("the schema compiles")
}

fn instance(text: &str) -> Node<'_> {
    parse(text.as_bytes(), Limits::default()).expect("the instance is JSON")
}

/// Return the violations that a plan would report from the table alone.
fn violations_by_table(shape: &ObjectShape, instance: &Value<'_>) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let Value::Object(object) = instance else {
        found.extend(shape.must_be_object.iter().map(|path| (String::new(), path.clone())));
        return found;
    };
    for property in &shape.properties {
        let Some(node) = object.get(&property.name) else { continue };
        for check in property.checks.iter().filter(|check| !check.rule.is_met(&node.value)) {
            found.insert((format!("/{}", property.name), check.schema_path.clone()));
        }
    }
    for required in &shape.required {
        if required.names.iter().any(|name| object.get(name).is_none()) {
            found.insert((String::new(), required.schema_path.clone()));
        }
    }
    for closed in &shape.closed {
        if object.members().iter().any(|member| !closed.names.iter().any(|name| *name == member.key)) {
            found.insert((String::new(), closed.schema_path.clone()));
        }
    }
    found
}

fn violations_by_engine(contract: &Contract, instance: &Value<'_>) -> BTreeSet<(String, String)> {
    let found = contract.violations(instance);
    assert_eq!(contract.is_valid(instance), found.is_empty());
    found.into_iter().map(|violation| (violation.instance_path, violation.schema_path)).collect()
}

/// References and `allOf` are followed; each check has the path on which the engine reports it.
#[test]
fn describes_a_table() {
    let shape = compiled(SALE).shape().expect("a shape");
    assert!(shape.complete && shape.properties.iter().all(|property| property.complete));
    let price = shape.properties.iter().find(|property| property.name == "price").expect("price");
    let paths: Vec<&str> = price.checks.iter().map(|check| check.schema_path.as_str()).collect();
    let expected = [
        "/properties/price/$ref/minimum",
        "/properties/price/$ref/multipleOf",
        "/properties/price/$ref/type",
        "/properties/price/maximum",
    ];
    assert_eq!(paths, expected);
    assert!(matches!(&price.checks[0].rule, Rule::Minimum(bound) if bound.is_exact && bound.double == 0.0));
    assert_eq!(shape.required.iter().map(|required| required.names.len()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(shape.must_be_object, ["/type"]);
}

/// A part that a table can't describe makes it incomplete, for the property or for the whole contract.
#[test]
fn says_what_it_leaves_out() {
    let property =
        compiled(r#"{"properties": {"a": {"type": "array", "items": {"type": "string"}}, "b": {"type": "null"}}}"#);
    let shape = property.shape().expect("a shape");
    assert!(shape.complete && !shape.properties[0].complete && shape.properties[1].complete);
    for schema in [
        r#"{"properties": {"a": true}, "minProperties": 1}"#,
        r#"{"properties": {"a": true}, "patternProperties": {"^x": {"type": "string"}}}"#,
        r#"{"properties": {"a": true}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}"#,
        r#"{"properties": {"a": true}, "unevaluatedProperties": false}"#,
        r#"{"properties": {"a": true}, "const": {"a": 1}}"#,
        r#"{"properties": {"a": true}, "additionalProperties": {"type": "string"}}"#,
        r#"{"properties": {"a": true}, "type": "string"}"#,
    ] {
        assert!(!compiled(schema).shape().expect("a shape").complete, "{schema}");
    }
    let recursive = compiled(r##"{"properties": {"child": {"$ref": "#"}}}"##).shape().expect("a shape");
    assert!(!recursive.properties[0].complete);
    assert!(compiled(r#"{"anyOf": [{"type": "object"}]}"#).shape().is_none());
    assert!(compiled("false").shape().is_none());
}

fn field() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof!["type|id|at|price|quantity|channel", "[a-c]"];
    let value = prop_oneof![
        Just(r#""sale""#.to_owned()),
        Just(r#""ABC-123""#.to_owned()),
        Just(r#""web""#.to_owned()),
        Just(r#""2026-01-02T03:04:05Z""#.to_owned()),
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("true".to_owned()),
        r#""[A-Z]{0,4}-?[0-9]{0,9}""#,
        r"-?[1-9][0-9]{0,7}(\.[0-9]{1,3})?(e[0-3])?",
    ];
    (name, value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// For any record, the table and the engine find the same violations.
    #[test]
    fn agrees_with_the_engine(fields in proptest::collection::btree_map(field().prop_map(|(name, _)| name), field().prop_map(|(_, value)| value), 0..7)) {
        let contract = compiled(SALE);
        let shape = contract.shape().ok_or_else(|| TestCaseError::fail("no shape"))?;
        let members: Vec<String> = fields.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
        let text = format!("{{{}}}", members.join(","));
        let record = instance(&text);
        prop_assert_eq!(violations_by_table(&shape, &record.value), violations_by_engine(&contract, &record.value), "{}", text);
    }
}
