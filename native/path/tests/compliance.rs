//! The `JSONPath` compliance test suite: every case, without exceptions.

#[path = "../../json/tests/suites/mod.rs"]
mod suites;

use chartly_json::{Limits, parse};
use chartly_path::Query;
use serde_json::Value;

/// Every selector of the suite is refused, or selects the nodes and paths that the suite lists.
#[test]
fn agrees_with_the_compliance_suite() {
    let Some(folder) = suites::suite("jsonpath") else { return };
    let text = std::fs::read(folder.join("cts.json")).expect("the suite's file");
    let suite: Value = serde_json::from_slice(&text).expect("the suite is JSON");
    let cases = suite["tests"].as_array().expect("cases");
    let failures: Vec<String> = cases.iter().filter_map(failure).collect();
    assert!(failures.is_empty(), "{} of {} fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
    assert!(cases.len() >= 703, "the suite shrank to {} cases", cases.len());
}

fn failure(case: &Value) -> Option<String> {
    let selector = case["selector"].as_str().expect("a selector");
    let fails = |why: String| Some(format!("{}: {selector}: {why}", case["name"]));
    let query = match Query::parse(selector) {
        Ok(_) if case["invalid_selector"] == true => return fails("accepted".to_owned()),
        Err(_) if case["invalid_selector"] == true => return None,
        Err(error) => return fails(format!("refused {error}")),
        Ok(query) => query,
    };
    let document = case["document"].to_string();
    let root = parse(document.as_bytes(), Limits::WIDEST).expect("the document is JSON");
    let (mut values, mut paths) = (Vec::new(), Vec::new());
    for found in query.select_located(&root) {
        let raw = &document[found.node.span.range()];
        values.push(serde_json::from_str::<Value>(raw).expect("a span holds a value"));
        paths.push(Value::from(found.path.to_string()));
    }
    assert_eq!(query.select(&root).len(), values.len());
    let (values, paths) = (Value::from(values), Value::from(paths));
    let is_expected = match case.get("results") {
        None => values == case["result"] && paths == case["result_paths"],
        Some(alternatives) => {
            let pairs = alternatives.as_array()?.iter().zip(case["results_paths"].as_array()?);
            pairs.into_iter().any(|(result, result_paths)| values == *result && paths == *result_paths)
        }
    };
    if is_expected { None } else { fails(format!("selects {values} at {paths}")) }
}
