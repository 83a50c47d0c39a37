//! Mutated documents: parser, checker and another parser agree, and nothing panics.

mod mutate;
mod suites;

use chartly_json::number::{Exact, nearest, shortest, surviving};
use chartly_json::{Limits, ParseError, Value, parse, parse_check};

/// Documents of the parsing suite, and a record as sources send it.
fn seeds() -> Vec<Vec<u8>> {
    let record =
        br#"{"id":"a\u00e9\ud83d\ude00","n":[1,-2.5e-3,9007199254740993,1e21],"o":{"t":true,"f":false,"z":null}}"#;
    let mut seeds = vec![record.to_vec()];
    if let Some(folder) = suites::suite("json-parsing/test_parsing") {
        for entry in std::fs::read_dir(folder).expect("the suite's folder") {
            let bytes = std::fs::read(entry.expect("a file").path()).expect("a readable file");
            // The suite's few large files are about depth, which other tests look at.
            seeds.extend((bytes.len() < 4096).then_some(bytes));
        }
    }
    seeds.sort();
    seeds
}

/// Whatever the bytes, all three judge alike, and a parsed tree holds together.
#[test]
fn judges_mutations_alike() {
    let inputs = mutate::mutate(&seeds(), |input| {
        let parsed = parse(input, Limits::WIDEST);
        if matches!(parsed, Err(ParseError::DepthExceeded { .. })) {
            // A tree has a greatest depth, the checker has none.
            return;
        }
        assert_eq!(parsed.is_ok(), parse_check(input).is_ok());
        match serde_json::from_slice::<serde_json::Value>(input) {
            // Beyond a double, and beyond its depth of 128, serde_json refuses what we keep.
            Err(error) if error.to_string().contains("out of range") || error.to_string().contains("recursion") => {}
            theirs => assert_eq!(parsed.is_ok(), theirs.is_ok()),
        }
        if let Ok(root) = parsed {
            // Values with repeated keys have no equality to speak of; who compares them has refused these before.
            if root.first_duplicate_deep().is_none() {
                assert!(root.value.equals(&root.value.clone().into_owned()));
            }
            check_numbers(&root.value);
        }
    });
    assert!(inputs > 100, "only {inputs} inputs");
}

/// A number survives exactly when its decimal is the one that its nearest double is written as.
fn check_numbers(value: &Value<'_>) {
    match value {
        Value::Number(text) => {
            let survives = nearest(text).is_ok_and(|double| shortest(double).exact() == Exact::new(text));
            assert_eq!(surviving(text).is_ok(), survives, "{text}");
        }
        Value::Array(elements) => elements.iter().for_each(|element| check_numbers(&element.value)),
        Value::Object(object) => object.members().iter().for_each(|member| check_numbers(&member.node.value)),
        _ => {}
    }
}
