//! Mutated queries: whatever parses also evaluates, and its normalized paths lead back to what was selected.

#[path = "../../json/tests/mutate/mod.rs"]
mod mutate;
#[path = "../../json/tests/suites/mod.rs"]
mod suites;

use chartly_json::{Limits, parse};
use chartly_path::Query;

/// The suite's selectors, valid or not.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![b"$.a[?@.b == 1 && length(@.c) > 0 || !match(@.d, 'x')]..e[1:-1:2, *, 'f']".to_vec()];
    if let Some(folder) = suites::suite("jsonpath") {
        let text = std::fs::read(folder.join("cts.json")).expect("the suite's file");
        let suite: serde_json::Value = serde_json::from_slice(&text).expect("the suite is JSON");
        let selectors = suite["tests"].as_array().expect("cases").iter().filter_map(|case| case["selector"].as_str());
        seeds.extend(selectors.map(|selector| selector.as_bytes().to_vec()));
    }
    seeds
}

/// Nothing panics; what is selected is found again by its path.
#[test]
fn evaluates_mutations() {
    let document = br#"{"a": [{"b": 1, "c": "xyz", "d": "x"}, {"b": 2.0, "c": [1, 2, 3], "e": {"f": null, "a": [[], {}]}}], "b": "a", "c": {"a": true}}"#;
    let root = parse(document, Limits::default()).expect("JSON");
    let inputs = mutate::mutate(&seeds(), |input| {
        let Ok(query) = std::str::from_utf8(input).map_err(drop).and_then(|text| Query::parse(text).map_err(drop))
        else {
            return;
        };
        let located = query.select_located(&root);
        assert_eq!(located.len(), query.select(&root).len());
        assert!(query.first_duplicate_read(&root).is_none());
        assert!(query.as_singular().is_none() || located.len() <= 1);
        for found in located.iter().take(8) {
            let path = Query::parse(&found.path.to_string()).expect("a normalized path is a query");
            let again = path.select(&root);
            assert!(again.len() == 1 && std::ptr::eq(again[0], found.node), "{}", found.path);
        }
    });
    assert!(inputs > 100, "only {inputs} inputs");
}
