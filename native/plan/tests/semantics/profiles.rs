//! Errors of profiles, and the plan's hash.

use chartly_plan::Plan;
use serde_json::{Value, json};

use super::{error, plan_under, result_of};

/// Every error of a profile names its place and rule.
#[test]
fn profile_errors_name_place_and_rule() {
    let bare = |spec: Value| {
        let mut spec = spec;
        spec["canonicalEventType"] = json!("t");
        spec
    };
    let cases = [
        (json!({ "mapping": {} }), "", "missingKey"),
        (json!({ "spec": { "canonicalEventType": "t", "mapping": {}, "x": 1 } }), "/spec/x", "unknownKey"),
        (bare(json!({ "mapping": { "type": "$.a" } })), "/mapping/type", "reservedField"),
        (bare(json!({ "mapping": { "f": "a" } })), "/mapping/f", "path"),
        (bare(json!({ "mapping": { "f": { "path": "$.a", "colect": true } } })), "/mapping/f/colect", "unknownKey"),
        (bare(json!({ "mapping": { "f": { "path": "$.a", "const": 1 } } })), "/mapping/f/const", "conflict"),
        (bare(json!({ "mapping": { "f": {} } })), "/mapping/f", "missingKey"),
        (bare(json!({ "mapping": { "f": { "const": 1, "default": 1 } } })), "/mapping/f/default", "conflict"),
        (
            bare(json!({ "mapping": {}, "transforms": [{ "op": "toNumber", "field": "x" }] })),
            "/transforms/0/field",
            "unmappedField",
        ),
        (
            bare(json!({ "mapping": { "f": "$.a" }, "transforms": [{ "op": "nope", "field": "f" }] })),
            "/transforms/0/op",
            "unknownOp",
        ),
        (
            bare(json!({ "mapping": { "f": "$.a" }, "transforms": [{ "op": "toNumber", "field": "f", "x": 1 }] })),
            "/transforms/0/x",
            "option",
        ),
        (
            bare(json!({ "mapping": { "f": "$.a" }, "transforms": [{ "op": "trim", "field": "f", "when": {} }] })),
            "/transforms/0/when",
            "option",
        ),
        (
            bare(
                json!({ "mapping": { "f": "$.a" }, "transforms": [{ "op": "template", "field": "f", "template": "{nobody}" }] }),
            ),
            "/transforms/0",
            "unmappedField",
        ),
        (bare(json!({ "mapping": { "f": "@.a" } })), "/mapping/f", "missingExplode"),
        (bare(json!({ "mapping": { "f": "$.a" }, "explode": "@.a" })), "/explode", "path"),
        (bare(json!({ "mapping": {}, "requiredFields": ["x"] })), "/requiredFields/0", "unmappedField"),
        (bare(json!({ "mapping": {}, "limits": { "depthMax": 0 } })), "/limits/depthMax", "range"),
        (bare(json!({ "mapping": {}, "limits": { "queryNodesMax": 0 } })), "/limits/queryNodesMax", "range"),
        (bare(json!({ "mapping": {}, "recordsPath": "$[" })), "/recordsPath", "path"),
        (bare(json!({ "mapping": {}, "dedupe": { "keys": ["x"] } })), "/dedupe/keys/0", "unmappedField"),
        (bare(json!({ "mapping": {}, "dedupe": { "policy": "never" } })), "/dedupe/policy", "unknownValue"),
        (bare(json!({ "mapping": {}, "input": "csv" })), "/input", "unknownValue"),
    ];
    for (profile, pointer, rule) in cases {
        let error = error(&profile);
        assert_eq!((error.pointer.as_str(), error.rule), (pointer, rule), "{error}");
    }
}

/// The hash covers the spec and the contract, in any order of keys, and nothing else.
#[test]
fn hash_covers_spec_and_contract() {
    let spec = json!({ "canonicalEventType": "t", "mapping": { "f": "$.a" } });
    let document =
        json!({ "apiVersion": "chartly.io/v1alpha1", "kind": "Profile", "metadata": { "name": "x" }, "spec": spec });
    let hash = |profile: &Value, contract: &Value| Plan::compile(profile, contract).expect("a plan").hash().to_owned();
    assert_eq!(hash(&spec, &json!({})), hash(&document, &json!({})));
    assert_ne!(hash(&spec, &json!({})), hash(&spec, &json!({ "type": "object" })));
    assert_eq!(hash(&spec, &json!({})).len(), 64);
}

/// A contract that requires a name without a field rejects every record.
#[test]
fn a_required_name_without_a_field_refuses_all() {
    let spec = json!({ "mapping": { "f": "$.a" } });
    let plan = plan_under(&spec, &json!({ "type": "object", "properties": {}, "required": ["other"] }));
    assert_eq!(result_of(&plan, r#"{"a":1}"#), "CONTRACT_VIOLATION   /required");
}
