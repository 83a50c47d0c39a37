//! Limits of records and of the nodes that queries visit.

use serde_json::json;

use super::{plan, result_of, results};

/// A record at the limit of depth or size is accepted, and one beyond it is rejected.
#[test]
fn limits_hold_at_their_bounds() {
    let plan = plan(&json!({ "mapping": { "f": "$.a" }, "limits": { "depthMax": 2, "recordBytesMax": 12 } }));
    assert_eq!(result_of(&plan, r#"{"u":[]}"#), r#"{"type":"t"}"#);
    assert_eq!(result_of(&plan, r#"{"u":[[]]}"#), "DEPTH_EXCEEDED   depthMax");
    assert_eq!(result_of(&plan, "{\"u\":123456}\r\n"), r#"{"type":"t"}"#);
    assert_eq!(result_of(&plan, r#"{"u":1234567}"#), "PAYLOAD_TOO_LARGE   recordBytesMax");
}

/// A query that visits too many nodes fails with the field's own reason, and other records are not affected.
#[test]
fn queries_visit_so_many_nodes() {
    let plan = plan(
        &json!({ "mapping": { "f": { "path": "$..*..*..*", "collect": true }, "g": "$.a" }, "limits": { "queryNodesMax": 2000 } }),
    );
    let flat = r#"{"a":[1,[2,[3]]]}"#;
    assert!(result_of(&plan, flat).starts_with(r#"{"f":["#));
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    assert_eq!(result_of(&plan, &deep), "TRANSFORM_FAILED f $..*..*..* path/queryNodesMax");
    assert_eq!(plan.explain(deep.as_bytes())["reasons"][0]["rule"], "path/queryNodesMax");
    assert_eq!(results(&plan, format!("{deep}\n{flat}").as_bytes()).len(), 2);
}

/// Text that filters read counts too: a query that measures a long text for each element is refused.
#[test]
fn filters_read_so_much_text() {
    let spec = json!({
        "mapping": { "f": { "path": "$.a[?length($.t) > 1]", "collect": true } }, "limits": { "queryNodesMax": 2000 },
    });
    let record = |elements: usize| format!("{{\"t\":\"{}\",\"a\":[0{}]}}", "x".repeat(4000), ",0".repeat(elements));
    let plan = plan(&spec);
    assert!(result_of(&plan, &record(9)).starts_with(r#"{"f":["#));
    assert_eq!(result_of(&plan, &record(3000)), "TRANSFORM_FAILED f $.a[?length($.t) > 1] path/queryNodesMax");
}

/// `recordsPath` and `explode` have the same bound; a page or record beyond it is rejected as one.
#[test]
fn other_queries_visit_so_many_nodes() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(60), "]".repeat(60));
    let limits = json!({ "queryNodesMax": 2000 });
    let pages = plan(&json!({ "mapping": {}, "recordsPath": "$..*..*..*", "limits": limits }));
    assert_eq!(result_of(&pages, &deep), "TRANSFORM_FAILED  $..*..*..* recordsPath/queryNodesMax");
    let children = plan(&json!({ "mapping": {}, "explode": "$..*..*..*", "limits": limits }));
    assert_eq!(result_of(&children, &deep), "TRANSFORM_FAILED  $..*..*..* explode/queryNodesMax");
}

/// What children repeat of their record counts too: the children before the bound are accepted, and the first one
/// beyond it is rejected and is the last.
#[test]
fn children_write_so_much() {
    let spec = json!({
        "mapping": { "text": "$.t", "n": "@" }, "explode": "$.items[*]", "limits": { "queryNodesMax": 1 },
    });
    let record = format!("{{\"t\":\"{}\",\"items\":[0{}]}}", "x".repeat(4000), ",0".repeat(999));
    let results = results(&plan(&spec), record.as_bytes());
    let (last, accepted) = results.split_last().expect("children");
    assert_eq!(last, "TRANSFORM_FAILED  $.items[*] explode/queryNodesMax");
    assert!((10..999).contains(&accepted.len()), "{}", accepted.len());
    assert!(accepted.iter().all(|child| child.starts_with(r#"{"n":0,"text":"xxx"#)));
}

/// A line far beyond the limit is one rejected record, and the next line is not affected.
#[test]
fn overlong_lines_are_rejected_alone() {
    let plan = plan(&json!({ "mapping": { "f": "$.a" }, "limits": { "recordBytesMax": 100 } }));
    let input = format!("{{\"a\":1}}\n{{\"a\":\"{}\"}}\n{{\"a\":2}}", "x".repeat(300_000));
    let results = results(&plan, input.as_bytes());
    assert_eq!(results, [r#"{"f":1,"type":"t"}"#, "PAYLOAD_TOO_LARGE   recordBytesMax", r#"{"f":2,"type":"t"}"#]);
}
