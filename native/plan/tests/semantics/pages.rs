//! Records of a page.

use chartly_plan::{Output, PassState, RunOptions};
use serde_json::json;

use super::{mapped, plan, results, run};

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

/// A page where the path leads to no array is one rejected record, in one pass and with a tree alike; an empty array is
/// a page without records.
#[test]
fn pages_without_their_list() {
    for (path, empty, missing) in [
        ("$.data", r#"{"data":[]}"#, r#"{"items":[{"a":1}]}"#),
        ("$.data[*]", r#"{"data":[]}"#, r#"{"items":[{"a":1}]}"#),
        ("$.data[*]", r#"{"data": [ ] }"#, r#"{"data":"temporarily unavailable"}"#),
        ("$.data[*]", r#"{"x":1,"data":[]}"#, r#"{"data":{}}"#),
        ("$.data[*]", r#"{"data":[]}"#, r#"{"data":null}"#),
        ("$.data[*]", r#"{"data":[]}"#, r#"[{"a":1}]"#),
        ("$[*]", "[]", r#""text""#),
        ("$.x.data", r#"{"x":{"data":[]}}"#, r#"{"x":7}"#),
        ("$['data'][0:2]", r#"{"data":[]}"#, r#"{"items":[]}"#),
        ("$.data[?@.a]", r#"{"data":[{"b":1}]}"#, r#"{"data":7}"#),
        ("$.data[0].list[*]", r#"{"data":[{"list":[]}]}"#, r#"{"data":[]}"#),
        ("$.data[*].list[*]", r#"{"data":[{"list":[]}]}"#, r#"{"data":[{"rows":[]}]}"#),
        ("$..list[*]", r#"{"data":[{"list":[]}]}"#, r#"{"data":[]}"#),
    ] {
        let plan = || plan(&json!({ "mapping": { "f": "$.a" }, "recordsPath": path }));
        let reason = format!("TRANSFORM_FAILED  {path} recordsPath/noArray");
        for plan in [plan(), plan().without_fusion()] {
            assert_eq!(results(&plan, empty.as_bytes()), [""; 0], "{path} {empty}");
            assert_eq!(results(&plan, missing.as_bytes()), [reason.as_str()], "{path} {missing}");
            let outputs = run(&plan, missing.as_bytes());
            assert_eq!((outputs[0].counts().records, outputs[0].counts().bytes), (1, missing.len() as u64));
        }
        let allowed = json!({ "mapping": { "f": "$.a" }, "recordsPath": path, "allowEmpty": true });
        assert_eq!(results(&super::plan(&allowed), missing.as_bytes()), [""; 0], "{path} {missing}");
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
