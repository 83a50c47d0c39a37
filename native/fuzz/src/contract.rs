//! A schema, and on the next line an instance: verdict, violations and shape agree, and so do the checks that a plan
//! fuses and the complete validation.

use chartly_contract::{Contract, Resources};
use chartly_json::{Limits, parse};

use crate::engines::Engines;
use crate::parts::split;

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    crate::parts::owned(&[
        "{\"$ref\": \"#/$defs/a\", \"$defs\": {\"a\": {\"type\": [\"object\", \"array\"], \"required\": [\"a\"], \"minItems\": 2}}}\n{\"a\": [1, \"x\", null]}",
        "{\"type\":\"string\",\"minLength\":1,\"maxLength\":20,\"pattern\":\"^[A-Z]{3}$\"}\n\"EUR\"",
        "{\"type\":[\"integer\",\"null\"],\"exclusiveMaximum\":100,\"minimum\":-0.5,\"multipleOf\":0.05}\n99.95",
        "{\"enum\":[\"EUR\",1,null,\"x\",{\"a\":[]}]}\n{\"a\":[]}",
        "{\"anyOf\":[{\"type\":\"string\",\"format\":\"date-time\"},{\"minimum\":5}],\"not\":{\"const\":7}}\n\"2026-02-02T12:00:00Z\"",
        "{\"type\":\"array\",\"items\":{\"type\":[\"number\",\"object\"],\"minimum\":0},\"minItems\":1,\"uniqueItems\":true}\n[1,{},1.0]",
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"],\"additionalProperties\":false,\"patternProperties\":{\"^x\":{}}}\n{\"a\":1,\"xy\":2,\"b\":3}",
        "{\"prefixItems\":[{\"format\":\"uuid\"}],\"unevaluatedItems\":false,\"contains\":{\"type\":\"number\"},\"maxContains\":1}\n[\"x\",1,2]",
    ])
}

pub(crate) fn check(input: &[u8]) {
    let Some([schema, instance]) = split(input) else { return };
    let limits = Limits::default();
    let Ok(parsed) = parse(schema, limits) else { return };
    let Ok(contract) = Contract::compile(&parsed, &Resources::new()) else { return };
    if let Ok(node) = parse(instance, limits)
        && node.first_duplicate_deep().is_none()
    {
        let violations = contract.violations(&node.value);
        assert_eq!(contract.is_valid(&node.value), violations.is_empty(), "verdict and violations");
        assert!(violations.is_sorted() && violations.windows(2).all(|pair| pair[0] != pair[1]), "sorted, none twice");
        if let (Some(shape), Some(object)) = (contract.shape(), node.value.as_object()) {
            let broken = shape.properties.iter().any(|property| {
                let node = object.get(&property.name);
                node.is_some_and(|node| property.checks.iter().any(|check| !check.rule.is_met(&node.value)))
            });
            assert!(!broken || !violations.is_empty(), "the shape is stricter than the engine");
        }
    }
    engines_agree(schema, instance);
}

/// Check the schema for one field of a record, and for the whole record, in both engines.
fn engines_agree(schema: &[u8], instance: &[u8]) {
    let spec = br#"{"canonicalEventType":"t","input":"json","mapping":{"a":"$.a","f":"$.f"}}"#;
    let of_field = [br#"{"type":"object","properties":{"f":"#, schema, b"}}"].concat();
    let record = [br#"{"f":"#, instance, b"}"].concat();
    for (contract, record) in [(&of_field[..], &record[..]), (schema, instance)] {
        if let Some(engines) = Engines::of(spec, contract) {
            engines.agree(record);
        }
    }
}
