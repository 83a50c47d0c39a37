//! Queries, each with a document on the next line. A query that parses also evaluates within a bound, each selected
//! node is found by its normalized path, and a field that is mapped by the query is the same from both engines.

use chartly_json::{Limits, parse};
use chartly_path::Query;

use crate::engines::Engines;
use crate::parts::split;

const DOCUMENT: &str = r#"{"a": [{"b": 1, "c": "xyz", "d": "x"}, {"b": 2.0, "c": [1, 2, 3], "e": {"f": null, "a": [[], {}]}}], "b": "a", "c": {"a": true}}"#;

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    [
        "$.a[?@.b == 1 && length(@.c) > 0 || !match(@.d, 'x')]..e[1:-1:2, *, 'f']",
        "$.a[-1].e.a[0]",
        "$['a'][0]['c']",
        "$..a[?count(@..b) >= 1 && value(@..d) == 'x' || search(@.c, $.b)]",
        "$.c.a",
        "$..*..*",
    ]
    .iter()
    .map(|query| format!("{query}\n{DOCUMENT}").into_bytes())
    .collect()
}

pub(crate) fn check(input: &[u8]) {
    let Some([query, document]) = split(input) else { return };
    let Ok(text) = std::str::from_utf8(query) else { return };
    let Ok(query) = Query::parse(text) else { return };
    engines_agree(text, document);
    let Ok(root) = parse(document, Limits::default()) else { return };
    let effort = || chartly_path::Effort::of(100_000);
    let Ok(located) = query.select_located_within(&root, &effort()) else { return };
    let selected = query.select_within(&root, &effort()).expect("places cost nothing");
    assert_eq!(located.len(), selected.len(), "with and without places");
    assert!(query.as_singular().is_none() || located.len() <= 1, "a singular query selects at most one node");
    if root.first_duplicate_deep().is_some() {
        return;
    }
    assert!(
        query.first_duplicate_read_within(&root, &effort()).is_ok_and(|duplicate| duplicate.is_none()),
        "no key repeats"
    );
    for found in located.iter().take(8) {
        let path = Query::parse(&found.path.to_string()).expect("a normalized path is a query");
        let again = path.select(&root);
        assert!(again.len() == 1 && std::ptr::eq(again[0], found.node), "{}", found.path);
    }
}

fn engines_agree(query: &str, document: &[u8]) {
    if let Some(engines) = Engines::of(&profile(query), b"{}") {
        engines.agree(document);
    }
}

/// Return a profile with the query, once plain and once collecting.
fn profile(query: &str) -> Vec<u8> {
    let field = |collect: bool| serde_json::json!({ "path": query, "collect": collect });
    let profile = serde_json::json!({
        "canonicalEventType": "t",
        "input": "json",
        "mapping": { "one": field(false), "all": field(true) },
        "limits": { "queryNodesMax": 10_000 },
    });
    profile.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Engines, profile};

    /// A query that parses makes a plan; otherwise the engines would not be compared.
    #[test]
    fn queries_make_plans() {
        for query in ["$.a", "$..a[?@.b > 1]"] {
            assert!(Engines::of(&profile(query), b"{}").is_some(), "{query}");
        }
    }
}
