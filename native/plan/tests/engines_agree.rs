//! The fused and the complete engine give the same bytes, reasons and places for random records and profiles.

use chartly_json::scan::Kernel;
use chartly_plan::{Instructions, Output, PassState, Plan, RunOptions};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Keys that records and profiles share, so that paths often select something.
const KEYS: [&str; 8] = ["id", "a", "b", "amount", "when", "tags", "a_key_longer_than_sixteen_bytes", "é"];

/// Scalars as raw JSON, valid and invalid ones.
const SCALARS: [&str; 34] = [
    "1",
    "0",
    "-1",
    "19.90",
    "0.1",
    "1e21",
    "-0",
    "-0.0",
    "9007199254740993",
    "1e400",
    "1E-7",
    "123456789.125",
    "true",
    "false",
    "null",
    "\"\"",
    "\"x\"",
    "\"19.90\"",
    "\"007\"",
    "\"-5\"",
    "\"2026-02-02T12:00:00Z\"",
    "\"2026-02-02t01:30:00.500+02:00\"",
    "\"2026-02-30T12:00:00Z\"",
    "\"EUR\"",
    "\"eur\"",
    "\"a\\\"b\\u00e9\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\x\"",
    "\"naïve 😀\"",
    "\"a longer text, of more than thirty-two bytes, so that chunks repeat\"",
    "01",
    "tru",
    "nan",
    "\"tab\there\"",
];

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => prop::sample::select(&KEYS[..]).prop_map(|key| format!("\"{key}\"")),
        1 => Just("\"\\u0061\"".to_owned()),
        1 => (0..200_u32).prop_map(|number| format!("\"k{number}\"")),
    ]
}

fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![20 => Just(""), 2 => Just(" "), 1 => Just("\t \r")]
}

/// Return raw JSON values, some of them malformed.
fn value() -> impl Strategy<Value = String> {
    let good = prop::sample::select(&SCALARS[..26]);
    let any = prop::sample::select(&SCALARS[..]);
    let scalar = prop_oneof![9 => good, 1 => any].prop_map(str::to_owned);
    scalar.prop_recursive(4, 24, 5, |inner| {
        let member = (key(), space(), inner.clone(), space())
            .prop_map(|(key, before, value, after)| format!("{key}{before}:{before}{value}{after}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|elements| format!("[{}]", elements.join(","))),
            prop::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// Return a line: mostly an object, at times with a changed byte, cut off or blank.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let member = (key(), space(), value()).prop_map(|(key, space, value)| format!("{key}{space}:{space}{value}"));
    let object = prop::collection::vec(member, 0..7).prop_map(|members| format!("{{{}}}", members.join(",")));
    let change = prop_oneof![6 => Just(None), 1 => (any::<usize>(), any::<u8>()).prop_map(Some)];
    let cut = prop_oneof![15 => Just(None), 1 => any::<usize>().prop_map(Some)];
    (prop_oneof![20 => object, 1 => value(), 1 => Just("  \t".to_owned())], change, cut).prop_map(
        |(text, change, cut)| {
            let mut bytes = text.into_bytes();
            if let Some((at, byte)) = change
                && !bytes.is_empty()
            {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            if let Some(at) = cut {
                bytes.truncate(at % (bytes.len() + 1));
            }
            bytes
        },
    )
}

fn lines() -> impl Strategy<Value = Vec<u8>> {
    let end = prop_oneof![8 => Just(&b"\n"[..]), 1 => Just(&b"\r\n"[..])];
    prop::collection::vec((line(), end), 0..40)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end.to_vec()].concat()).collect())
}

fn path() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        10 => prop::sample::select(&KEYS[..]).prop_map(|key| format!("['{key}']")),
        2 => (0..3).prop_map(|index| format!("[{index}]")),
    ];
    prop::collection::vec(step, 1..4).prop_map(|steps| format!("${}", steps.concat()))
}

fn field() -> impl Strategy<Value = Value> {
    let ops = prop_oneof![
        4 => Just(json!([])),
        2 => Just(json!([{ "op": "toNumber" }])),
        2 => Just(json!([{ "op": "toUtcTimestamp" }])),
        1 => Just(json!([{ "op": "toUtcTimestamp", "from": "epoch", "unit": "s" }])),
    ];
    let default = prop_oneof![4 => Just(None), 1 => Just(Some(json!("x"))), 1 => Just(Some(json!("7")))];
    (path(), ops, default, prop::bool::weighted(0.2), prop::bool::weighted(0.05)).prop_map(
        |(path, ops, default, keep_null, collect)| {
            let mut field = json!({ "path": path, "transforms": ops, "keepNull": keep_null, "collect": collect });
            if let Some(default) = default {
                field["default"] = default;
            }
            field
        },
    )
}

fn schema() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(json!({})),
        1 => Just(json!({ "type": "string" })),
        1 => Just(json!({ "type": "string", "minLength": 1, "maxLength": 20 })),
        1 => Just(json!({ "type": "number", "minimum": 0 })),
        1 => Just(json!({ "type": ["integer", "null"], "exclusiveMaximum": 100 })),
        1 => Just(json!({ "type": "string", "pattern": "^[A-Z]{3}$" })),
        1 => Just(json!({ "type": "string", "pattern": "[a-z]+" })),
        1 => Just(json!({ "type": "string", "format": "date-time" })),
        1 => Just(json!({ "enum": ["EUR", 1, null, "x"] })),
        1 => Just(json!({ "multipleOf": 0.05 })),
        1 => Just(json!({ "anyOf": [{ "type": "string" }, { "minimum": 5 }] })),
        1 => Just(json!({ "type": "array", "maxItems": 2 })),
        1 => Just(json!({ "type": "array", "items": { "type": "string", "maxLength": 3 } })),
        1 => Just(json!({ "type": "array", "items": { "type": ["number", "object"], "minimum": 0 }, "minItems": 1 })),
        1 => Just(json!({ "type": "array", "items": { "type": "array" } })),
        1 => Just(json!({ "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] })),
        1 => Just(json!({
            "properties": { "a": { "type": ["string", "number"] }, "b": { "items": { "minLength": 2 } } },
            "additionalProperties": false,
        })),
        1 => Just(json!({
            "items": { "properties": { "a": { "enum": ["x", "19.90", "EUR"] }, "b": { "$ref": "#/$defs/any" } }, "required": ["b"] },
            "maxItems": 3,
        })),
        1 => Just(json!({ "required": ["a", "none"], "items": { "type": "object", "additionalProperties": false } })),
        1 => Just(json!({ "properties": { "a": { "properties": { "b": true, "a": { "maxLength": 6 } } } }, "maxLength": 4 })),
        1 => Just(json!({ "enum": ["EUR", "x", ["x"]], "const": "x" })),
        1 => Just(json!({ "type": ["object", "array"], "uniqueItems": true })),
        1 => Just(json!({ "type": "object" })),
    ]
}

prop_compose! {
    fn plans()(
        fields in prop::collection::vec((field(), schema()), 1..5),
        is_required in prop::bool::weighted(0.3),
        is_closed in prop::bool::weighted(0.5),
        depth in prop_oneof![4 => Just(64), 1 => 1..4_u32],
        dedupe in prop::bool::weighted(0.3),
    ) -> (Value, Value) {
        let name = |index: usize| format!("f{index}");
        let mapping: serde_json::Map<String, Value> =
            fields.iter().enumerate().map(|(index, (field, _))| (name(index), field.clone())).collect();
        let mut properties: serde_json::Map<String, Value> =
            fields.iter().enumerate().map(|(index, (_, schema))| (name(index), schema.clone())).collect();
        properties.insert("type".to_owned(), json!({ "const": "t" }));
        let names = if is_required { json!(["f0"]) } else { json!([]) };
        let mut profile = json!({
            "canonicalEventType": "t", "mapping": mapping, "requiredFields": names, "limits": { "depthMax": depth },
        });
        if dedupe {
            profile["dedupe"] = json!({ "keys": ["f0"] });
        }
        let contract = json!({
            "type": "object",
            "properties": properties,
            "required": names,
            "additionalProperties": !is_closed,
            "$defs": { "any": { "maxLength": 20 } },
        });
        (profile, contract)
    }
}

/// Return all results of a run in comparable form.
fn results(plan: &Plan, input: &[u8], threads: usize) -> (Vec<u8>, Vec<u8>, Vec<String>) {
    let (mut accepted, mut rejected, mut records) = (Vec::new(), Vec::new(), Vec::new());
    for output in plan.run(input, threads, RunOptions { columns: true }) {
        accepted.extend_from_slice(output.accepted_ndjson());
        output.write_rejected_ndjson(&mut rejected);
        let batch = plan.accepted_batch(&output, true).expect("made with columns");
        records.push(format!("{:?} {:?}", output.counts(), batch));
        records.extend(output.accepted().map(|record| format!("{:?} {:?}", record.place, record.idempotency_key)));
    }
    (accepted, rejected, records)
}

/// Return the results of one pass over a page; `None` when the pass gives up.
fn passed(plan: &Plan, page: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    let mut worker = plan.worker(RunOptions::default());
    let mut pass = plan.page_pass(Box::new(page))?;
    loop {
        let mut output = Output::default();
        let went = worker.run_pass(&mut pass, 100, &mut output);
        accepted.extend_from_slice(output.accepted_ndjson());
        output.write_rejected_ndjson(&mut rejected);
        match went {
            PassState::More => {}
            PassState::Ended => return Some((accepted, rejected)),
            PassState::GaveUp => return None,
        }
    }
}

fn texts(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    /// Both engines give the same result for every input.
    #[test]
    fn give_the_same_answers((profile, contract) in plans(), input in lines()) {
        let fused = Plan::compile(&profile, &contract).expect("a plan");
        let complete = Plan::compile(&profile, &contract).expect("a plan").without_fusion();
        let (ours, theirs) = (results(&fused, &input, 1), results(&complete, &input, 1));
        prop_assert_eq!(texts(&ours.0), texts(&theirs.0));
        prop_assert_eq!(texts(&ours.1), texts(&theirs.1));
        prop_assert_eq!(ours.2, theirs.2);
    }

    /// The fused engine gives the same result on all instructions that the CPU has, and on the portable ones.
    #[test]
    fn give_the_same_answers_on_all_instructions((profile, contract) in plans(), input in lines()) {
        let best = Plan::compile(&profile, &contract).expect("a plan");
        let ours = results(&best, &input, 1);
        for scan in [Kernel::Avx512, Kernel::Avx2, Kernel::Portable] {
            let instructions = Instructions { scan, ..Instructions::PORTABLE };
            let plan = Plan::compile(&profile, &contract).expect("a plan").with_instructions(instructions);
            prop_assert_eq!(&results(&plan, &input, 1), &ours);
        }
    }

    /// Both engines give the same result for every page, with any path to its records.
    #[test]
    fn give_the_same_answers_for_pages(
        (mut profile, contract) in plans(),
        records in prop::collection::vec(value(), 0..12),
        (before, after) in (value(), value()),
        shape in 0..6,
        space in prop::sample::select(&["", " ", "\n  ", "\r\n\t"][..]),
        cut in prop_oneof![9 => Just(None), 1 => any::<usize>().prop_map(Some)],
    ) {
        let list = format!("[{}]", records.join(&format!(",{space}")));
        let (path, page) = match shape {
            0 => (None, list),
            1 => (None, format!("{{{space}\"id\":{space}{before}{space}}}{space}")),
            2 => (Some("$.data"), format!("{{\"before\":{before},\"data\":{space}{list},\"after\":{after}}}")),
            3 => (Some("$.data[*]"), format!("{{\"data\":{list}{space},{space}\"after\":{after}}}")),
            4 => (Some("$[1].data.*"), format!("[{before},{{\"data\":{space}{list}}}]")),
            _ => (Some("$..data[?@.id]"), format!("{{\"x\":{{\"data\":{list}}},\"data\":{before}}}")),
        };
        profile["input"] = json!("json");
        if let Some(path) = path {
            profile["recordsPath"] = json!(path);
        }
        let mut page = page.into_bytes();
        if let Some(at) = cut {
            page.truncate(at % (page.len() + 1));
        }
        let fused = Plan::compile(&profile, &contract).expect("a plan");
        let complete = Plan::compile(&profile, &contract).expect("a plan").without_fusion();
        let (ours, theirs) = (results(&fused, &page, 2), results(&complete, &page, 1));
        prop_assert_eq!(texts(&ours.0), texts(&theirs.0));
        prop_assert_eq!(texts(&ours.1), texts(&theirs.1));
        prop_assert_eq!(ours.2, theirs.2);
        if let Some((accepted, rejected)) = passed(&fused, &page) {
            prop_assert_eq!(texts(&accepted), texts(&theirs.0));
            prop_assert_eq!(texts(&rejected), texts(&theirs.1));
        }
    }
}
