//! The meaning of a profile, one fact a test, on records small enough to check by hand. The file is long because it is
//! one list that follows docs/reference page by page.

use chartly_plan::{Output, PassState, Plan, PlanError, RunOptions};
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

/// Without `recordsPath`, the elements of an array are records, and so is one object over several lines.
#[test]
fn pages_without_a_path() {
    let plan = mapped(&json!("$.a"));
    assert_eq!(
        results(&plan, b" [ {\"a\":1}, 7,\n{\"a\":2} ]"),
        [r#"{"f":1,"type":"t"}"#, "MALFORMED_JSON   not-an-object", r#"{"f":2,"type":"t"}"#]
    );
    assert_eq!(results(&plan, b"{\n  \"a\": 1\n}\n"), [r#"{"f":1,"type":"t"}"#]);
    assert_eq!(results(&plan, b"{\"a\":1}\n{\"a\":2}\n").len(), 2);
    assert_eq!(results(&plan, b"{\"a\":\n{\"a\":2}\n"), ["MALFORMED_JSON   unexpected-end", r#"{"f":2,"type":"t"}"#]);
}

/// `recordsPath` finds a page's records, as an array or one by one; a malformed page is one rejected record.
#[test]
fn pages_with_a_path() {
    for path in ["$.data", "$.data[*]", "$['data'][0:2]"] {
        let plan = plan(&json!({ "mapping": { "f": "$.a" }, "recordsPath": path }));
        let page = b"{\"next\":null,\"data\":[{\"a\":1},{\"a\":2}]}";
        assert_eq!(results(&plan, page), [r#"{"f":1,"type":"t"}"#, r#"{"f":2,"type":"t"}"#]);
        let outputs = run(&plan, page);
        let place = outputs[0].accepted().nth(1).expect("two").place;
        assert_eq!((place.line, place.offset, place.length), (2, 29, 7));
        assert_eq!(results(&plan, b"{\"data\":[{\"a\":1}]"), ["MALFORMED_JSON   unexpected-end"]);
        assert_eq!(results(&plan, b"{\"data\":[{\"a\":1}],\"data\":[]}"), ["MALFORMED_JSON   duplicate-key"]);
    }
}

/// Returns a few thousand bytes at a time, as a pipe does.
struct Slow<'b>(&'b [u8]);

impl std::io::Read for Slow<'_> {
    fn read(&mut self, memory: &mut [u8]) -> std::io::Result<usize> {
        let bytes = memory.len().min(3001);
        self.0.read(&mut memory[..bytes])
    }
}

/// A page with a read error returns that error, and is neither accepted nor malformed.
#[test]
fn a_page_with_a_read_error() {
    struct Failing(bool);
    impl std::io::Read for Failing {
        fn read(&mut self, memory: &mut [u8]) -> std::io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(std::io::ErrorKind::TimedOut.into());
            }
            memory.fill(b' ');
            memory[..9].copy_from_slice(b"[{\"a\":1},");
            Ok(memory.len())
        }
    }
    let plan = plan(&json!({ "mapping": { "f": "$.a" }, "recordsPath": "$[*]" }));
    let mut pass = plan.page_pass(Box::new(Failing(false))).expect("a record is there");
    let mut output = Output::default();
    assert_eq!(plan.worker(RunOptions::default()).run_pass(&mut pass, 1 << 20, &mut output), PassState::GaveUp);
    assert_eq!(pass.take_failure().map(|error| error.kind()), Some(std::io::ErrorKind::TimedOut));
}

/// One pass over a page gives the same results as opening it first, also across windows, and gives up on a malformed
/// page.
#[test]
fn pages_in_one_pass() {
    // Two of them are longer than a window; the records after them start in an enlarged one.
    let length_of = |number: usize| if number % 1700 == 1000 { 100_000 } else { number % 90 };
    let plan = plan(&json!({ "mapping": { "f": "$.a", "g": "$.text" }, "recordsPath": "$.x.data[*]" }));
    let records: Vec<String> =
        (0..3000).map(|number| format!("{{\"a\":{number},\"text\":\"{}\"}}", "é".repeat(length_of(number)))).collect();
    let page = format!("{{\"head\":[1],\"x\":{{\"data\":[{}],\"n\":{{}}}},\"tail\":\"end\"}}", records.join(", "));
    let one_pass = |page: &[u8]| {
        let (mut output, mut pass) = (Output::default(), plan.page_pass(Box::new(Slow(page)))?);
        let mut worker = plan.worker(RunOptions::default());
        loop {
            match worker.run_pass(&mut pass, 10_000, &mut output) {
                PassState::More => {}
                PassState::Ended => return Some(output),
                PassState::GaveUp => return None,
            }
        }
    };
    let output = one_pass(page.as_bytes()).expect("a sound page");
    let opened: Vec<u8> =
        run(&plan, page.as_bytes()).iter().flat_map(|output| output.accepted_ndjson().to_vec()).collect();
    assert_eq!(output.accepted_ndjson(), opened);
    assert_eq!((output.counts().accepted, output.counts().bytes), (3000, page.len() as u64));
    for broken in
        [&page[..page.len() - 1], &page.replace("\"end\"", "\"e\nd\""), &page.replace("\"n\":{}", "\"data\":{}")]
    {
        assert!(one_pass(broken.as_bytes()).is_none());
    }
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

/// Every error of a profile names its place and rule.
#[test]
fn profile_errors_name_place_and_rule() {
    let bare = |spec: Value| {
        let mut spec = spec;
        spec["canonicalEventType"] = json!("t");
        spec
    };
    let cases = [
        (json!({ "mapping": {} }), "", "missingKey"),
        (json!({ "spec": { "canonicalEventType": "t", "mapping": {}, "x": 1 } }), "/spec/x", "unknownKey"),
        (bare(json!({ "mapping": { "type": "$.a" } })), "/mapping/type", "reservedField"),
        (bare(json!({ "mapping": { "f": "a" } })), "/mapping/f", "path"),
        (bare(json!({ "mapping": { "f": { "path": "$.a", "colect": true } } })), "/mapping/f/colect", "unknownKey"),
        (bare(json!({ "mapping": { "f": { "path": "$.a", "const": 1 } } })), "/mapping/f/const", "conflict"),
        (bare(json!({ "mapping": { "f": {} } })), "/mapping/f", "missingKey"),
        (bare(json!({ "mapping": { "f": { "const": 1, "default": 1 } } })), "/mapping/f/default", "conflict"),
        (
            bare(json!({ "mapping": {}, "transforms": [{ "op": "toNumber", "field": "x" }] })),
            "/transforms/0/field",
            "unmappedField",
        ),
        (
            bare(json!({ "mapping": { "f": "$.a" }, "transforms": [{ "op": "nope", "field": "f" }] })),
            "/transforms/0/op",
            "unknownOp",
        ),
        (
            bare(json!({ "mapping": { "f": "$.a" }, "transforms": [{ "op": "toNumber", "field": "f", "x": 1 }] })),
            "/transforms/0/x",
            "option",
        ),
        (
            bare(json!({ "mapping": { "f": "$.a" }, "transforms": [{ "op": "trim", "field": "f", "when": {} }] })),
            "/transforms/0/when",
            "option",
        ),
        (
            bare(
                json!({ "mapping": { "f": "$.a" }, "transforms": [{ "op": "template", "field": "f", "template": "{nobody}" }] }),
            ),
            "/transforms/0",
            "unmappedField",
        ),
        (bare(json!({ "mapping": { "f": "@.a" } })), "/mapping/f", "missingExplode"),
        (bare(json!({ "mapping": { "f": "$.a" }, "explode": "@.a" })), "/explode", "path"),
        (bare(json!({ "mapping": {}, "requiredFields": ["x"] })), "/requiredFields/0", "unmappedField"),
        (bare(json!({ "mapping": {}, "limits": { "depthMax": 0 } })), "/limits/depthMax", "range"),
        (bare(json!({ "mapping": {}, "limits": { "queryNodesMax": 0 } })), "/limits/queryNodesMax", "range"),
        (bare(json!({ "mapping": {}, "recordsPath": "$[" })), "/recordsPath", "path"),
        (bare(json!({ "mapping": {}, "dedupe": { "keys": ["x"] } })), "/dedupe/keys/0", "unmappedField"),
        (bare(json!({ "mapping": {}, "dedupe": { "policy": "never" } })), "/dedupe/policy", "unknownValue"),
        (bare(json!({ "mapping": {}, "input": "csv" })), "/input", "unknownValue"),
    ];
    for (profile, pointer, rule) in cases {
        let error = error(&profile);
        assert_eq!((error.pointer.as_str(), error.rule), (pointer, rule), "{error}");
    }
}

/// The hash covers the spec and the contract, in any order of keys, and nothing else.
#[test]
fn hash_covers_spec_and_contract() {
    let spec = json!({ "canonicalEventType": "t", "mapping": { "f": "$.a" } });
    let document =
        json!({ "apiVersion": "chartly.io/v1alpha1", "kind": "Profile", "metadata": { "name": "x" }, "spec": spec });
    let hash = |profile: &Value, contract: &Value| Plan::compile(profile, contract).expect("a plan").hash().to_owned();
    assert_eq!(hash(&spec, &json!({})), hash(&document, &json!({})));
    assert_ne!(hash(&spec, &json!({})), hash(&spec, &json!({ "type": "object" })));
    assert_eq!(hash(&spec, &json!({})).len(), 64);
}

/// A contract that requires a name without a field rejects every record.
#[test]
fn a_required_name_without_a_field_refuses_all() {
    let spec = json!({ "mapping": { "f": "$.a" } });
    let plan = plan_under(&spec, &json!({ "type": "object", "properties": {}, "required": ["other"] }));
    assert_eq!(result_of(&plan, r#"{"a":1}"#), "CONTRACT_VIOLATION   /required");
}

/// Among the elements of a collected field, an overflow is reported before a loss of precision.
#[test]
fn overflow_wins_among_elements() {
    let plan = mapped(&json!({ "path": "$.a[*]", "collect": true, "transforms": [{ "op": "toNumber" }] }));
    let results = result_of(&plan, r#"{"a":["9007199254740993","1e400"]}"#);
    assert_eq!(results, "TRANSFORM_FAILED f $.a[*] toNumber/overflow");
}

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
