//! Canonical bytes are canonical and have the document's value, and a payload that may be written gives the same bytes.

use chartly_canonical::{canonicalize, write_value};
use chartly_json::{Limits, parse};

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    crate::parts::owned(&[
        r#"{"\ufb33":1e21,"\ud83d\ude00":[-0.0,19.90,1e-7,333333333.33333329],"a\u001f":"\/\b"}"#,
        r#"{"b":{"b":1,"a":[]},"a":{},"":[{"z":null,"é":true}],"\u20ac":4.5e-324,"x":1.7976931348623157e308}"#,
    ])
}

pub(crate) fn check(input: &[u8]) {
    let Ok(canonical) = canonicalize(input) else { return };
    assert_eq!(canonicalize(&canonical).as_ref(), Ok(&canonical), "canonical of canonical");
    let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok().map(as_doubles);
    assert_eq!(read(input), read(&canonical), "the same value");
    let root = parse(input, Limits::WIDEST).expect("it was parsed before");
    let mut payload = Vec::new();
    if write_value(&root.value, &mut payload).is_ok() {
        assert_eq!(payload, canonical, "payload and document");
    }
}

/// Return the value with every number as a double and `-0` as `0`, as in canonical bytes.
fn as_doubles(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(number) => {
            number.as_f64().map_or(serde_json::Value::Null, |double| (double + 0.0).into())
        }
        serde_json::Value::Array(elements) => elements.into_iter().map(as_doubles).collect(),
        serde_json::Value::Object(members) => {
            members.into_iter().map(|(key, value)| (key, as_doubles(value))).collect()
        }
        other => other,
    }
}
