//! Mutated schemas and instances: whatever compiles also validates, the same whichever way it is asked.

#[path = "../../json/tests/mutate/mod.rs"]
mod mutate;
#[path = "../../json/tests/suites/mod.rs"]
mod suites;

use std::collections::BTreeSet;

use chartly_contract::{Contract, Format, Pattern, Resources};
use chartly_json::{Limits, Node, parse};

/// Schemas of the suite, with instances to meet or to break them.
fn suite_parts() -> (Vec<Vec<u8>>, BTreeSet<String>) {
    let schema =
        br##"{"$ref": "#/$defs/a", "$defs": {"a": {"type": ["object", "array"], "required": ["a"], "minItems": 2}}}"##;
    let mut schemas = vec![schema.to_vec()];
    let mut instances = BTreeSet::from([r#"{"a": [1, "x", null]}"#.to_owned()]);
    let Some(suite) = suites::suite("json-schema/tests/draft2020-12") else { return (schemas, instances) };
    for folder in [suite.clone(), suite.join("optional/format")] {
        for entry in std::fs::read_dir(folder).expect("the suite's folder") {
            let path = entry.expect("an entry").path();
            if !path.is_file() {
                continue;
            }
            let groups: serde_json::Value =
                serde_json::from_slice(&std::fs::read(path).expect("a readable file")).expect("the suite is JSON");
            for group in groups.as_array().expect("groups") {
                schemas.push(group["schema"].to_string().into_bytes());
                let tests = group["tests"].as_array().expect("tests").iter();
                instances.extend(tests.map(|test| test["data"].to_string()).filter(|text| text.len() < 200));
            }
        }
    }
    (schemas, instances)
}

/// A schema compiles or is refused, and nothing panics; verdict, violations and shape agree.
#[test]
fn validates_under_mutated_schemas() {
    let (schemas, instances) = suite_parts();
    let instances: Vec<Node<'_>> =
        instances.iter().map(|text| parse(text.as_bytes(), Limits::default()).expect("JSON")).collect();
    let resources = Resources::new();
    let mut turn = 0;
    let inputs = mutate::mutate(&schemas, |input| {
        let Ok(schema) = parse(input, Limits::default()) else { return };
        let Ok(contract) = Contract::compile(&schema, &resources) else { return };
        for _ in 0..16 {
            turn = (turn + 1) % instances.len();
            let instance = &instances[turn].value;
            let violations = contract.violations(instance);
            assert_eq!(contract.is_valid(instance), violations.is_empty());
            assert!(violations.is_sorted() && violations.windows(2).all(|pair| pair[0] != pair[1]));
            if let (Some(shape), Some(object)) = (contract.shape(), instance.as_object()) {
                let broken = shape.properties.iter().any(|property| {
                    let node = object.get(&property.name);
                    node.is_some_and(|node| property.checks.iter().any(|check| !check.rule.is_met(&node.value)))
                });
                assert!(!broken || !violations.is_empty(), "the shape is stricter than the engine");
            }
        }
    });
    assert!(inputs > 100, "only {inputs} inputs");
}

/// Patterns and formats take any text without a panic.
#[test]
fn takes_any_text() {
    let mut seeds: Vec<Vec<u8>> =
        [r"^(?<n>[\p{L}\d_-]+)\.\u{1F600}{2,3}?|[^\s]$", "2024-02-29T23:59:60.5+01:00", "P1Y2M3DT4H5M6S"]
            .map(|text| text.as_bytes().to_vec())
            .to_vec();
    for text in
        ["a.b@[IPv6:::1]", "xn--bcher-kva.例え.l·l", "http://u@h:1/p?q#f", "{+a,b*}/{c:3}", "0/~1~0", "::ffff:1.2.3.4"]
    {
        seeds.push(text.as_bytes().to_vec());
    }
    let names = [
        "date",
        "date-time",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
        "regex",
        "uuid",
    ];
    let formats = names.map(|name| Format::named(name).expect("a format"));
    let inputs = mutate::mutate(&seeds, |input| {
        let text = String::from_utf8_lossy(input);
        for format in formats {
            let _ = format.is_valid(&text);
        }
        // What can be used as a pattern is a regular expression by the format too.
        assert!(Pattern::compile(&text).is_err() || Format::Regex.is_valid(&text));
    });
    assert!(inputs > 100, "only {inputs} inputs");
}
