//! Contracts whose evaluation or report could take very long end in time.

use chartly_contract::{Contract, Resources};
use chartly_json::{Limits, parse};

fn compiled(schema: &str) -> Contract {
    let schema = parse(schema.as_bytes(), Limits::WIDEST).expect("the schema is JSON");
    Contract::compile(&schema, &Resources::new()).expect("the schema compiles")
}

fn nested(depth: usize, leaf: &str) -> String {
    format!("{}{leaf}{}", "[".repeat(depth), "]".repeat(depth))
}

/// Two recursive branches at each level would be 2⁶⁴ evaluations of the leaf; each is made once.
#[test]
fn recursive_branches_take_polynomial_time() {
    for branch in ["anyOf", "oneOf", "allOf"] {
        let list = r##"{"type": "array", "items": {"$ref": "#/$defs/node"}}"##;
        let schema = format!(
            r##"{{"$ref": "#/$defs/node", "$defs": {{"node": {{"if": {{"type": "array"}}, "then": {{"{branch}": [{list}, {list}]}}, "else": {{"type": "null"}}}}}}}}"##
        );
        let contract = compiled(&schema);
        let (good, bad) = (nested(64, "null"), nested(64, "1"));
        let good = parse(good.as_bytes(), Limits::default()).expect("JSON");
        let bad = parse(bad.as_bytes(), Limits::default()).expect("JSON");
        assert_eq!(contract.is_valid(&good.value), branch != "oneOf", "{branch}");
        assert!(!contract.is_valid(&bad.value), "{branch}");
        assert!(!contract.violations(&bad.value).is_empty(), "{branch}");
    }
}

/// The same holds for dynamic references.
#[test]
fn dynamic_branches_take_polynomial_time() {
    let list = r##"{"type": "array", "items": {"$dynamicRef": "#node"}}"##;
    let contract = compiled(&format!(r#"{{"$dynamicAnchor": "node", "anyOf": [{list}, {list}, {{"type": "null"}}]}}"#));
    let bad = nested(64, "1");
    let bad = parse(bad.as_bytes(), Limits::default()).expect("JSON");
    assert!(!contract.is_valid(&bad.value));
    assert_eq!(contract.violations(&bad.value).len(), 1);
}

/// Schemas that double at each reference set their marks once.
#[test]
fn doubling_references_mark_once() {
    let doubled: Vec<String> = (1..40)
        .map(|level| {
            format!(r##""d{level}": {{"allOf": [{{"$ref": "#/$defs/d{0}"}}, {{"$ref": "#/$defs/d{0}"}}]}}"##, level - 1)
        })
        .collect();
    let schema = format!(
        r##"{{"$ref": "#/$defs/d39", "unevaluatedProperties": false, "$defs": {{"d0": {{"properties": {{"a": true}}}}, {}}}}}"##,
        doubled.join(",")
    );
    let contract = compiled(&schema);
    let good = parse(br#"{"a": 1}"#, Limits::default()).expect("JSON");
    let bad = parse(br#"{"b": 1}"#, Limits::default()).expect("JSON");
    assert!(contract.is_valid(&good.value) && contract.violations(&good.value).is_empty());
    assert_eq!(contract.violations(&bad.value).len(), 1);
}

/// Names have no address of their own: among very many of them, no verdict is used for another name.
#[test]
fn many_names_keep_their_own_verdicts() {
    let contract =
        compiled(r#"{"propertyNames": {"anyOf": [{"maxLength": 6}, {"const": "the one that may be long"}]}}"#);
    let mut members: Vec<String> = (0..100_000).map(|number| format!(r#""n{number}":0"#)).collect();
    let good = format!("{{{}}}", members.join(","));
    members.push(r#""too long by far":0"#.to_owned());
    let bad = format!("{{{}}}", members.join(","));
    assert!(contract.is_valid(&parse(good.as_bytes(), Limits::WIDEST).expect("JSON").value));
    assert_eq!(contract.violations(&parse(bad.as_bytes(), Limits::WIDEST).expect("JSON").value).len(), 1);
}

/// Large instances get the same verdicts from the cache, and reports end at ten thousand violations.
#[test]
fn large_instances_get_the_same_verdicts() {
    let contract =
        compiled(r#"{"items": {"type": "object", "required": ["a"], "properties": {"a": {"type": "null"}}}}"#);
    let rows = |bad: usize| {
        let row = |index: usize| if index % 10 < bad { r#"{"a":1}"# } else { r#"{"a":null}"# };
        format!("[{}]", (0..100_000).map(row).collect::<Vec<_>>().join(","))
    };
    let (good, bad) = (rows(0), rows(1));
    assert!(contract.is_valid(&parse(good.as_bytes(), Limits::WIDEST).expect("JSON").value));
    let violations = contract.violations(&parse(bad.as_bytes(), Limits::WIDEST).expect("JSON").value);
    assert_eq!(violations.len(), 10_000);
    assert!(violations.iter().all(|violation| violation.instance_path.ends_with("0/a")));
    let all_bad = rows(10);
    assert_eq!(contract.violations(&parse(all_bad.as_bytes(), Limits::WIDEST).expect("JSON").value).len(), 10_000);
}
