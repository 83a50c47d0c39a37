//! The meaning of a profile, one fact a test, on records small enough to check by hand. The tests follow docs/reference.

mod bounds;
mod explain;
mod pages;
mod profiles;

use chartly_plan::{Output, Plan, PlanError, RunOptions};
use serde_json::{Value, json};

fn plan(spec: &Value) -> Plan {
    plan_under(spec, &json!({}))
}

fn plan_under(spec: &Value, contract: &Value) -> Plan {
    let mut spec = spec.clone();
    spec["canonicalEventType"] = json!("t");
    Plan::compile(&spec, contract).expect("a plan")
}

fn mapped(field: &Value) -> Plan {
    plan(&json!({ "mapping": { "f": field } }))
}

fn run(plan: &Plan, input: &[u8]) -> Vec<Output> {
    plan.run(input, 1, RunOptions::default())
}

/// Return each record in input order: its canonical text, or `REASON field path rule` of every reason.
fn results(plan: &Plan, input: &[u8]) -> Vec<String> {
    let mut results = Vec::new();
    for output in run(plan, input) {
        for record in output.accepted() {
            results.push((record.place.offset, String::from_utf8_lossy(record.canonical).into_owned()));
        }
        for record in output.rejected() {
            let reasons: Vec<String> = record
                .reasons
                .iter()
                .map(|reason| format!("{} {} {} {}", reason.code.as_str(), reason.field, reason.path, reason.rule))
                .collect();
            results.push((record.place.offset, reasons.join("; ")));
        }
    }
    results.sort();
    results.into_iter().map(|(_, text)| text).collect()
}

fn result_of(plan: &Plan, record: &str) -> String {
    results(plan, record.as_bytes()).join(" | ")
}

fn error(profile: &Value) -> PlanError {
    Plan::compile(profile, &json!({})).expect_err("no plan")
}

/// A query that selects nothing, or null, leaves the field absent.
#[test]
fn nothing_and_null_are_absent() {
    let plan = mapped(&json!("$.a"));
    for record in ["{}", r#"{"a":null}"#] {
        assert_eq!(result_of(&plan, record), r#"{"type":"t"}"#);
    }
}

/// keepNull keeps a null, which passes transforms unchanged.
#[test]
fn keep_null_keeps_null() {
    let plan = mapped(&json!({ "path": "$.a", "keepNull": true, "transforms": [{ "op": "toNumber" }] }));
    assert_eq!(result_of(&plan, r#"{"a":null}"#), r#"{"f":null,"type":"t"}"#);
    assert_eq!(result_of(&plan, "{}"), r#"{"type":"t"}"#);
}

/// A default replaces an absent value and a null that isn't kept, and goes through the transforms.
#[test]
fn default_goes_through_transforms() {
    let plan = mapped(&json!({ "path": "$.a", "default": "1.50", "transforms": [{ "op": "toNumber" }] }));
    for record in ["{}", r#"{"a":null}"#] {
        assert_eq!(result_of(&plan, record), r#"{"f":1.5,"type":"t"}"#);
    }
}

/// Several selected nodes are a failed transform, unless the field collects.
#[test]
fn several_nodes_are_refused_or_collected() {
    let record = r#"{"a":[{"n":"1"},{"n":null},{"n":"3"}]}"#;
    assert_eq!(result_of(&mapped(&json!("$.a[*].n")), record), "TRANSFORM_FAILED f $.a[*].n path/several_nodes");
    let collected = mapped(&json!({ "path": "$.a[*].n", "collect": true, "transforms": [{ "op": "toNumber" }] }));
    assert_eq!(result_of(&collected, record), r#"{"f":[1,null,3],"type":"t"}"#);
    assert_eq!(result_of(&collected, "{}"), r#"{"type":"t"}"#);
}

/// A constant is the same in every record, and the event's type is added last.
#[test]
fn constants_and_type() {
    let plan = mapped(&json!({ "const": { "b": 1.0, "a": [true] } }));
    assert_eq!(result_of(&plan, "{}"), r#"{"f":{"a":[true],"b":1},"type":"t"}"#);
}

/// A number that a double can't hold is refused, wherever it enters; an overflow wins over a loss of precision.
#[test]
fn numbers_survive_or_are_refused() {
    let plan = mapped(&json!("$.a"));
    for (raw, canonical) in [("0.1", "0.1"), ("1e21", "1e+21"), ("-0", "0"), ("19.90", "19.9"), ("100", "100")] {
        assert_eq!(result_of(&plan, &format!(r#"{{"a":{raw}}}"#)), format!(r#"{{"f":{canonical},"type":"t"}}"#));
    }
    for (raw, canonical) in [
        ("-73.668450000000007", "-73.66845"),
        ("[0.10000000000000001,{\"x\":1234567.8899999999}]", "[0.1,{\"x\":1234567.89}]"),
    ] {
        assert_eq!(result_of(&plan, &format!(r#"{{"a":{raw}}}"#)), format!(r#"{{"f":{canonical},"type":"t"}}"#));
    }
    for raw in ["9007199254740993", "36028797018963968", "[1,9007199254740993]", r#"{"x":1e-400}"#] {
        assert_eq!(result_of(&plan, &format!(r#"{{"a":{raw}}}"#)), "PRECISION_LOSS f $.a number/precision_loss");
    }
    assert_eq!(result_of(&plan, r#"{"a":[9007199254740993,1e400]}"#), "TRANSFORM_FAILED f $.a number/overflow");
    assert_eq!(result_of(&plan, r#"{"unmapped":1e99999}"#), r#"{"type":"t"}"#);
}

/// Own transforms run before those of the profile.
#[test]
fn own_transforms_come_first() {
    let spec = json!({
        "mapping": { "f": { "path": "$.a", "transforms": [{ "op": "toNumber" }] } },
        "transforms": [{ "op": "toUtcTimestamp", "field": "f", "from": "epoch", "unit": "s" }],
    });
    assert_eq!(result_of(&plan(&spec), r#"{"a":"0"}"#), r#"{"f":"1970-01-01T00:00:00Z","type":"t"}"#);
    assert_eq!(result_of(&plan(&spec), r#"{"a":"x"}"#), "TRANSFORM_FAILED f $.a toNumber/not_a_number");
}

/// A conditional step runs when its condition holds for the payload at that moment.
#[test]
fn conditions_decide_over_steps() {
    let spec = json!({
        "mapping": { "f": "$.a", "g": "$.b", "h": { "transforms": [{ "op": "template", "template": "{f}!", "when": { "field": "f", "present": true } }] } },
        "transforms": [
            { "op": "toNumber", "field": "f", "when": { "field": "g", "equals": "n" } },
            { "op": "drop", "field": "g", "when": { "all": [{ "field": "f", "greaterThan": 5 }, { "field": "type", "equals": "t" }] } },
        ],
    });
    let plan = plan(&spec);
    assert_eq!(result_of(&plan, r#"{"a":"7","b":"n"}"#), r#"{"f":7,"h":"7!","type":"t"}"#);
    assert_eq!(result_of(&plan, r#"{"a":"3","b":"n"}"#), r#"{"f":3,"g":"n","h":"3!","type":"t"}"#);
    assert_eq!(result_of(&plan, r#"{"a":"7","b":"x"}"#), r#"{"f":"7","g":"x","h":"7!","type":"t"}"#);
    assert_eq!(result_of(&plan, r#"{"b":"x"}"#), r#"{"g":"x","type":"t"}"#);
}

/// An exploded record gives one canonical record for each child, with the fields of the parent and the child's place.
#[test]
fn explode_makes_children() {
    let spec = json!({
        "explode": "$.items[*]", "requiredFields": ["sku"],
        "mapping": { "order": "$.id", "sku": "@.sku", "first": "$.items[0].sku" },
    });
    let plan = plan(&spec);
    let record = br#"{"id":"o","items":[{"sku":"a"},{"x":1},{"sku":"c"}]}"#;
    assert_eq!(
        results(&plan, record),
        [
            r#"{"first":"a","order":"o","sku":"a","type":"t"}"#,
            "REQUIRED_FIELD_MISSING sku @.sku requiredFields",
            r#"{"first":"a","order":"o","sku":"c","type":"t"}"#,
        ]
    );
    let outputs = run(&plan, record);
    let place = outputs[0].accepted().nth(1).expect("two").place;
    assert_eq!((place.offset, place.length), (39, 11));
    assert_eq!((place.line, outputs[0].counts().records), (1, 3));
    assert_eq!(results(&plan, br#"{"id":"o","items":[]}"#).len(), 0);
    assert_eq!(result_of(&plan, r#"{"id":"o","items":[{"sku":1,"sku":2}]}"#), "MALFORMED_JSON   duplicate-key");
    let third = &plan.explain(record)["children"][2];
    assert_eq!(third["canonical"], json!(results(&plan, record)[2]));
    assert_eq!(third["fields"][2]["raw"], json!([{ "path": "@['sku']", "value": "c", "offset": 46, "length": 3 }]));
}

/// A record where `explode` leads to no array is rejected as one; an empty array makes no child.
#[test]
fn explode_needs_its_list() {
    for (path, empty, missing) in [
        ("$.items[*]", r#"{"items":[]}"#, r#"{"lines":[{"sku":"a"}]}"#),
        ("$.items[*]", r#"{"items":[]}"#, r#"{"items":"temporarily unavailable"}"#),
        ("$.items[*]", r#"{"items":[]}"#, r#"{"items":null}"#),
        ("$.items[*]", r#"{"items":[]}"#, r#"{"items":{}}"#),
        ("$.items[?@.sku]", r#"{"items":[{"x":1}]}"#, r#"{"lines":[]}"#),
        ("$.items[*].parts[*]", r#"{"items":[{"parts":[]}]}"#, r#"{"items":[{"pieces":[1]}]}"#),
    ] {
        let spec = json!({ "explode": path, "mapping": { "sku": "@.sku" } });
        assert_eq!(results(&plan(&spec), empty.as_bytes()), [""; 0], "{path} {empty}");
        let reason = format!("TRANSFORM_FAILED  {path} explode/noArray");
        assert_eq!(result_of(&plan(&spec), missing), reason, "{path} {missing}");
        assert_eq!(plan(&spec).explain(missing.as_bytes())["reasons"][0]["rule"], "explode/noArray");
        let allowed = json!({ "explode": path, "mapping": { "sku": "@.sku" }, "allowEmpty": true });
        assert_eq!(results(&plan(&allowed), missing.as_bytes()), [""; 0], "{path} {missing}");
    }
}

/// Repeated keys make a record malformed where the plan reads them, and are accepted elsewhere.
#[test]
fn repeated_keys_matter_where_read() {
    let plan = plan(&json!({ "mapping": { "f": "$.a.b", "g": "$.list[0]" } }));
    let malformed = "MALFORMED_JSON   duplicate-key";
    for record in [
        r#"{"z":1,"z":2}"#,
        r#"{"a":{"y":1,"y":2}}"#,
        r#"{"a":{"b":{"y":1,"y":2}}}"#,
        r#"{"list":[[{"y":1,"y":2}]]}"#,
        r#"{"a":{"b":1},"\u0061":2}"#,
    ] {
        assert_eq!(result_of(&plan, record), malformed, "{record}");
    }
    for record in [r#"{"u":{"y":1,"y":2}}"#, r#"{"list":{"y":1,"y":2}}"#] {
        assert_eq!(result_of(&plan, record), r#"{"type":"t"}"#, "{record}");
    }
}

/// Parts that no field reads must be strict JSON too.
#[test]
fn unmapped_parts_are_strict_too() {
    let plan = mapped(&json!("$.a"));
    for (record, rule) in [
        (&br#"{"u":"\ud800"}"#[..], "lone-surrogate"),
        (br#"{"u":01}"#, "invalid-number"),
        (br#"{"u":[1,]}"#, "unexpected-character"),
        (br#"{"u":NaN}"#, "unexpected-character"),
        (b"{\"u\":\"\x01\"}", "control-character"),
        (b"{\"u\":\"\xff\"}", "utf-8"),
        (b"{} x", "trailing-text"),
        (b"\xef\xbb\xbf{}", "byte-order-mark"),
        (b"[1]", "not-an-object"),
        (br#"{"u":"#, "unexpected-end"),
    ] {
        assert_eq!(results(&plan, record), [format!("MALFORMED_JSON   {rule}")]);
    }
}

/// Blank lines are counted but are no records; CRLF is a line ending; the last line needs none.
#[test]
fn lines_and_places() {
    let plan = mapped(&json!("$.a"));
    let outputs = run(&plan, b"{\"a\":1}\r\n\n \t\n{\"a\":x}\n{\"a\":3}");
    let output = &outputs[0];
    let counts = output.counts();
    assert_eq!((counts.records, counts.accepted, counts.rejected, counts.blank_lines, counts.bytes), (3, 2, 1, 2, 28));
    let places: Vec<_> =
        output.accepted().map(|record| (record.place.line, record.place.offset, record.place.length)).collect();
    assert_eq!(places, [(1, 0, 7), (5, 21, 7)]);
    let rejected = output.rejected().next().expect("one").place;
    assert_eq!((rejected.line, rejected.offset, rejected.length), (4, 13, 7));
}

/// All reasons are reported, in the order of phases, then of names.
#[test]
fn reasons_stand_in_order() {
    let contract = json!({
        "type": "object", "required": ["a", "missing"], "additionalProperties": false,
        "properties": { "a": { "type": "number" }, "b": { "maxLength": 1, "pattern": "^x" }, "type": {} },
    });
    let spec = json!({
        "mapping": { "b": "$.b", "a": "$.a", "c": "$.c" }, "requiredFields": ["c", "a"],
        "transforms": [{ "op": "toNumber", "field": "a" }, { "op": "toNumber", "field": "c" }],
    });
    let plan = plan_under(&spec, &contract);
    assert_eq!(
        result_of(&plan, r#"{"a":"x","b":"yy"}"#),
        "TRANSFORM_FAILED a $.a toNumber/not_a_number; REQUIRED_FIELD_MISSING c $.c requiredFields; \
         CONTRACT_VIOLATION   /required; CONTRACT_VIOLATION b /b /properties/b/maxLength; \
         CONTRACT_VIOLATION b /b /properties/b/pattern"
    );
}

/// A failed field counts as present and isn't validated further.
#[test]
fn failed_fields_count_as_present() {
    let contract = json!({ "required": ["f"], "properties": { "f": { "type": "number", "minimum": 5 } } });
    let spec = json!({ "mapping": { "f": "$.a" }, "requiredFields": ["f"], "transforms": [{ "op": "toNumber", "field": "f" }] });
    assert_eq!(
        result_of(&plan_under(&spec, &contract), r#"{"a":"x"}"#),
        "TRANSFORM_FAILED f $.a toNumber/not_a_number"
    );
}

/// An empty string is present.
#[test]
fn empty_strings_are_present() {
    let spec = json!({ "mapping": { "f": "$.a" }, "requiredFields": ["f"] });
    assert_eq!(result_of(&plan(&spec), r#"{"a":""}"#), r#"{"f":"","type":"t"}"#);
}

/// The id is the digest of the canonical bytes; without dedupe keys it is also the idempotency key.
#[test]
fn ids_and_keys() {
    let outputs = run(&mapped(&json!("$.a")), "{\"a\":\"é\"}".as_bytes());
    let record = outputs[0].accepted().next().expect("one");
    assert_eq!(*record.record_id, chartly_digest::digest("{\"f\":\"é\",\"type\":\"t\"}".as_bytes()));
    assert_eq!(record.idempotency_key, record.record_id);
    let line = String::from_utf8_lossy(outputs[0].accepted_ndjson()).into_owned();
    let id = String::from_utf8_lossy(&chartly_digest::hex(record.record_id)).into_owned();
    assert_eq!(line, format!("{{\"record\":{{\"f\":\"é\",\"type\":\"t\"}},\"record_id\":\"sha256:{id}\"}}\n"));
}

/// The key is the digest over the array of `dedupe.keys`' values.
#[test]
fn dedupe_keys_make_the_key() {
    let plan = plan(&json!({ "mapping": { "f": "$.a", "g": "$.b" }, "dedupe": { "keys": ["g", "f"] } }));
    let outputs = run(&plan, b"{\"a\":1,\"b\":\"x\"}\n{\"a\":2}\n{}");
    let keys: Vec<_> = outputs[0].accepted().map(|record| *record.idempotency_key).collect();
    assert_eq!(keys[0], chartly_digest::digest(br#"["x",1]"#));
    assert_eq!(keys[1], chartly_digest::digest(b"[null,2]"));
    assert_eq!(keys[2], *outputs[0].accepted().nth(2).expect("three").record_id);
}

/// Strings are copied byte by byte only if their bytes are canonical already.
#[test]
fn strings_are_canonical() {
    let plan = mapped(&json!("$.a"));
    let cases = [
        (r#""a\/b\u00e9\ud83d\ude00""#, "\"a/bé😀\""),
        (r#""\u0001\u000a\"\\""#, r#""\u0001\n\"\\""#),
        ("\"\u{7f}\u{2028}\"", "\"\u{7f}\u{2028}\""),
    ];
    for (raw, canonical) in cases {
        assert_eq!(result_of(&plan, &format!("{{\"a\":{raw}}}")), format!("{{\"f\":{canonical},\"type\":\"t\"}}"));
    }
}

/// The output doesn't depend on the number of threads.
#[test]
fn threads_change_nothing() {
    let plan = mapped(&json!("$.a"));
    let input = (0..60_000).fold(String::new(), |text, number| {
        let broken = if number % 100 == 0 { "x" } else { "" };
        text + &format!("{{\"a\":{number}{broken}}}\n")
    });
    let all = |threads| {
        let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
        for output in plan.run(input.as_bytes(), threads, RunOptions::default()) {
            accepted.extend_from_slice(output.accepted_ndjson());
            output.write_rejected_ndjson(&mut rejected);
        }
        (accepted, rejected)
    };
    assert_eq!(all(1), all(3));
    assert!(String::from_utf8_lossy(&all(1).1).contains("\"line\":59901,"));
}

/// Among the elements of a collected field, an overflow is reported before a loss of precision.
#[test]
fn overflow_wins_among_elements() {
    let plan = mapped(&json!({ "path": "$.a[*]", "collect": true, "transforms": [{ "op": "toNumber" }] }));
    let results = result_of(&plan, r#"{"a":["9007199254740993","1e400"]}"#);
    assert_eq!(results, "TRANSFORM_FAILED f $.a[*] toNumber/overflow");
}
