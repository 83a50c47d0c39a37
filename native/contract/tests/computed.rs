//! Computed values are validated as the JSON that they will be written as.

use chartly_contract::{Contract, Resources};
use chartly_json::{Limits, Value, parse};
use proptest::prelude::*;

fn meets(schema: &str, value: &Value<'_>) -> bool {
    let schema = parse(schema.as_bytes(), Limits::default()).expect("the schema is JSON");
    Contract::compile(&schema, &Resources::new()).expect("the schema compiles").is_valid(value)
}

/// A double counts as the decimal that RFC 8785 writes for it.
#[test]
fn doubles_are_their_shortest_decimals() {
    assert!(meets(r#"{"multipleOf": 0.01, "const": 19.990}"#, &Value::Double(19.99)));
    assert!(!meets(r#"{"multipleOf": 0.1}"#, &Value::Double(0.1 + 0.2)));
    assert!(meets(r#"{"type": "integer", "minimum": 1e21}"#, &Value::Double(1e21)));
    assert!(meets(r#"{"enum": [0], "maximum": 0, "type": "integer"}"#, &Value::Double(-0.0)));
    assert!(!meets(r#"{"type": "string"}"#, &Value::Double(1.0)));
}

/// An exact decimal is a string, as it will be in canonical JSON.
#[test]
fn decimals_are_strings() {
    let decimal = Value::Decimal("19.90".into());
    assert!(meets(r#"{"type": "string", "pattern": "^19[.]90$", "const": "19.90", "maxLength": 5}"#, &decimal));
    assert!(!meets(r#"{"type": "number"}"#, &decimal));
    assert!(meets(r#"{"minimum": 100}"#, &decimal));
}

proptest! {
    /// A computed double and its canonical text are valid for the same contracts.
    #[test]
    fn a_double_and_its_text_are_one(double in prop_oneof![any::<f64>(), (-1_000_000_i32..1_000_000).prop_map(|cents| f64::from(cents) / 100.0)]) {
        prop_assume!(double.is_finite());
        let mut text = Vec::new();
        chartly_canonical::write_double(double, &mut text);
        let written = parse(&text, Limits::default()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        for schema in [r#"{"type": "integer"}"#, r#"{"multipleOf": 0.01}"#, r#"{"minimum": 0.5}"#, r#"{"exclusiveMaximum": 1e3}"#] {
            prop_assert_eq!(meets(schema, &Value::Double(double)), meets(schema, &written.value), "{} {}", schema, double);
        }
        prop_assert!(written.value.equals(&Value::Double(double)));
    }
}
