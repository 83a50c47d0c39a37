//! Mutated documents: canonical bytes are canonical, and say the same as the document.

#[path = "../../json/tests/mutate/mod.rs"]
mod mutate;
#[path = "../../json/tests/suites/mod.rs"]
mod suites;

use chartly_canonical::{canonicalize, write_value};
use chartly_json::{Limits, parse};

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds =
        vec![br#"{"\ufb33":1e21,"\ud83d\ude00":[-0.0,19.90,1e-7,333333333.33333329],"a\u001f":"\/\b"}"#.to_vec()];
    if let Some(folder) = suites::suite("jcs/testdata/input") {
        for entry in std::fs::read_dir(folder).expect("inputs") {
            seeds.push(std::fs::read(entry.expect("a file").path()).expect("a readable file"));
        }
    }
    seeds.sort();
    seeds
}

/// Canonicalizing again changes nothing; another parser reads the same from both; a payload that may be written is
/// written the same.
#[test]
fn canonicalizes_mutations() {
    let inputs = mutate::mutate(&seeds(), |input| {
        let Ok(canonical) = canonicalize(input) else { return };
        assert_eq!(canonicalize(&canonical).as_ref(), Ok(&canonical));
        let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok().map(as_doubles);
        assert_eq!(read(input), read(&canonical));
        let root = parse(input, Limits::WIDEST).expect("it was parsed before");
        let mut payload = Vec::new();
        if write_value(&root.value, &mut payload).is_ok() {
            assert_eq!(payload, canonical);
        }
    });
    assert!(inputs > 100, "only {inputs} inputs");
}

/// The value with every number as a double, `-0` as `0`, as canonical bytes have it.
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
