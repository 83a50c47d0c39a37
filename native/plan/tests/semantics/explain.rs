//! The trace of one record.

use serde_json::json;

use super::{plan, plan_under};

/// A trace is bounded: nodes and children beyond a hundred are only counted, a long value is shortened, and all of them
/// are checked.
#[test]
fn explain_shows_a_bounded_part() {
    let ones = vec!["1"; 300].join(",");
    let collecting = plan(&json!({ "mapping": { "f": { "path": "$.a[*]", "collect": true } } }));
    let explained = collecting.explain(format!(r#"{{"a":[{ones}]}}"#).as_bytes());
    let field = &explained["fields"][0];
    assert_eq!((field["raw"].as_array().map(Vec::len), &field["raw_left_out"]), (Some(100), &json!(200)));
    assert_eq!(field["result"]["value"].as_array().map(Vec::len), Some(300));

    let spec = json!({ "mapping": { "f": "@" }, "explode": "$.a[*]" });
    let exploding = plan_under(&spec, &json!({ "properties": { "f": { "maximum": 1 } } }));
    let explained = exploding.explain(format!(r#"{{"a":[{ones},2]}}"#).as_bytes());
    assert_eq!(
        (explained["children"].as_array().map(Vec::len), &explained["children_left_out"]),
        (Some(100), &json!(201))
    );
    assert_eq!(explained["accepted"], json!(false), "the last child is judged, though it is not shown");

    let copying = plan(&json!({ "mapping": { "f": "$.a" } }));
    let explained = copying.explain(format!(r#"{{"a":"{}"}}"#, "é".repeat(10_000)).as_bytes());
    let shown = explained["fields"][0]["result"]["value"].as_str().unwrap_or_default();
    assert!(shown.starts_with("\"éé") && shown.ends_with("é… (20002 bytes)"), "{shown}");
    assert_eq!(explained["accepted"], json!(true));
}

/// A value that is nested deeper than a message may be is shown as text.
#[test]
fn explain_shows_deep_values_as_text() {
    let plan = plan(&json!({ "mapping": { "f": "$.a" } }));
    let deep = |depth: usize| format!("{}9007199254740993{}", r#"{"b":["#.repeat(depth), "]}".repeat(depth));
    let mut shown = &plan.explain(format!(r#"{{"a":{}}}"#, deep(20)).as_bytes())["fields"][0]["raw"][0]["value"];
    for _ in 0..8 {
        shown = &shown["b"][0];
    }
    assert_eq!(shown, &json!(deep(12).replace("9007199254740993", r#""9007199254740993""#)));
}

/// The trace shows the steps of each field and its reasons.
#[test]
fn explain_shows_the_steps() {
    let spec = json!({ "mapping": { "f": "$.a" }, "transforms": [{ "op": "toNumber", "field": "f" }] });
    let plan = plan_under(&spec, &json!({ "properties": { "f": { "minimum": 5 } } }));
    let explained = plan.explain(br#"{"a":"1.50"}"#);
    assert_eq!(explained["accepted"], json!(false));
    let field = &explained["fields"][0];
    assert_eq!(field["raw"], json!([{ "path": "$['a']", "value": "1.50", "offset": 5, "length": 6 }]));
    assert_eq!(field["steps"], json!([{ "op": "toNumber", "state": "value", "value": 1.5 }]));
    assert_eq!(field["violations"][0]["rule"], json!("/properties/f/minimum"));
    let accepted = plan.explain(br#"{"a":"7"}"#);
    assert_eq!(accepted["canonical"], json!(r#"{"f":7,"type":"t"}"#));
    assert!(accepted["record_id"].as_str().is_some_and(|id| id.starts_with("sha256:")));
}
