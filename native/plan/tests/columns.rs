//! Columns hold every value that the contract accepts, the same in Arrow batches and in Parquet pages.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use chartly_pages::ParquetFile;
use chartly_plan::{Output, Plan, RunOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

fn plan(properties: &Value, transforms: &Value) -> Plan {
    let names = properties.as_object().expect("properties").keys();
    let mapping: serde_json::Map<String, Value> =
        names.map(|name| (name.clone(), json!(format!("$.{name}")))).collect();
    let spec = json!({ "canonicalEventType": "t", "mapping": mapping, "transforms": transforms });
    let contract = json!({
        "properties": properties,
        "$defs": { "small": { "type": "integer", "minimum": 0, "maximum": 10 }, "any": { "type": "integer" } },
    });
    Plan::compile(&spec, &contract).expect("a plan")
}

fn run(plan: &Plan, input: &str) -> Vec<Output> {
    plan.run(input.as_bytes(), 1, RunOptions { columns: true })
}

/// Return the rules that a record of one field breaks.
fn rules(plan: &Plan, record: &str) -> Vec<String> {
    let reasons = run(plan, record).iter().flat_map(|output| output.rejected().collect::<Vec<_>>()).collect::<Vec<_>>();
    reasons.iter().flat_map(|record| record.reasons.iter().map(|reason| reason.rule.clone())).collect()
}

fn batch(plan: &Plan, input: &str) -> RecordBatch {
    plan.accepted_batch(&run(plan, input)[0], false).expect("made with columns")
}

/// An integer beyond 64 bits is a violation, even if the contract doesn't bound it. The largest one within 64 bits is
/// in its column.
#[test]
fn integers_beyond_64_bits_are_violations() {
    for schema in
        [json!({ "type": "integer" }), json!({ "$ref": "#/$defs/any" }), json!({ "type": ["integer", "null"] })]
    {
        for contract in [schema.clone(), with(&schema, &json!({ "minimum": -1e30, "exclusiveMaximum": 1e30 }))] {
            let plan = plan(&json!({ "n": contract }), &json!([]));
            for (number, rule) in [
                ("9223372036854776000", "/properties/n/maximum"),
                ("1e20", "/properties/n/maximum"),
                ("-9223372036854776000", "/properties/n/minimum"),
                ("-1e25", "/properties/n/minimum"),
            ] {
                for plan in [&plan, &plan_without_fusion(&contract)] {
                    assert_eq!(rules(plan, &format!("{{\"n\":{number}}}")), [rule], "{number} under {contract}");
                }
            }
            for number in [9_223_372_036_854_775_000, -9_223_372_036_854_775_000, 9_007_199_254_740_991, 0] {
                let batch = batch(&plan, &format!("{{\"n\":{number}}}"));
                assert_eq!(batch.column(0).as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(number)]);
            }
        }
    }
}

fn plan_without_fusion(schema: &Value) -> Plan {
    plan(&json!({ "n": schema }), &json!([])).without_fusion()
}

fn with(schema: &Value, rules: &Value) -> Value {
    let mut both = schema.clone();
    for (key, value) in rules.as_object().expect("rules") {
        both[key] = value.clone();
    }
    both
}

/// A value beyond the contract's own bound, stated or referenced, breaks only the contract's rule.
#[test]
fn bounds_of_the_contract_stand() {
    let bounded = plan(&json!({ "n": { "type": "integer", "maximum": 10, "exclusiveMinimum": -10 } }), &json!([]));
    assert_eq!(rules(&bounded, r#"{"n":1e20}"#), ["/properties/n/maximum"]);
    assert_eq!(rules(&bounded, r#"{"n":-1e20}"#), ["/properties/n/exclusiveMinimum"]);
    let referred = plan(&json!({ "n": { "$ref": "#/$defs/small" } }), &json!([]));
    assert_eq!(rules(&referred, r#"{"n":1e20}"#), ["/properties/n/$ref/maximum"]);
    let number = plan(&json!({ "n": { "type": "number" } }), &json!([]));
    assert_eq!(rules(&number, r#"{"n":1e20}"#), Vec::<String>::new());
}

/// Every time that `date-time` allows becomes a timestamp: leap seconds, long fractions, small letters, offsets across
/// a year's end.
#[test]
fn every_time_becomes_a_timestamp() {
    let plan = plan(&json!({ "at": { "type": "string", "format": "date-time" } }), &json!([]));
    for (text, micros) in [
        ("1998-12-31T23:59:60Z", 915_148_800_000_000),
        ("2026-02-02t12:00:00.1234567891z", 1_770_033_600_123_456),
        ("0001-01-01T00:30:00-01:00", -62_135_591_400_000_000),
    ] {
        let batch = batch(&plan, &format!("{{\"at\":\"{text}\"}}"));
        let moments = batch.column(0).as_primitive::<TimestampMicrosecondType>();
        assert_eq!(moments.iter().collect::<Vec<_>>(), [Some(micros)], "{text}");
    }
}

/// A time outside of the years 1 to 9999 in UTC breaks the rule of its format, since no table can hold it.
#[test]
fn times_outside_of_the_calendar_are_refused() {
    let plan = plan(&json!({ "at": { "type": "string", "format": "date-time" } }), &json!([]));
    for text in ["0000-01-01T00:30:00+01:00", "0001-01-01T00:30:00+01:00", "9999-12-31T23:30:00-01:00"] {
        assert_eq!(rules(&plan, &format!("{{\"at\":\"{text}\"}}")), ["/properties/at/format"], "{text}");
    }
}

/// Parquet pages hold what Arrow batches do, in every column type.
#[test]
fn pages_hold_what_batches_do() {
    let properties = json!({
        "at": { "type": "string", "format": "date-time" },
        "count": { "type": "integer" },
        "day": { "type": "string", "format": "date" },
        "exact": { "type": "string" },
        "is_new": { "type": "boolean" },
        "name": { "type": ["string", "null"] },
        "price": { "type": "number" },
        "tags": { "type": "array" },
        "tiny": { "type": "string" },
        "wide": { "type": "string" },
    });
    let decimal = |field: &str, precision: u8, scale: u8| json!({ "op": "toDecimal", "field": field, "precision": precision, "scale": scale });
    let plan = plan(&properties, &json!([decimal("exact", 15, 3), decimal("tiny", 6, 2), decimal("wide", 30, 4)]));
    let mut input = String::new();
    for row in 0..9000_usize {
        let part = ["Z", ".5Z", ".123456Z"][row % 3];
        let name = ["plain", "with \"quotes\"", "tab\tand\nline", "Ünïcode", ""][row % 5];
        let signed = i64::try_from(row).expect("a few rows");
        let mut record = json!({
            "at": format!("2026-01-{:02}T{:02}:00:00{}", row % 28 + 1, row % 24, part),
            "count": signed * signed - 5000,
            "day": format!("{}-03-{:02}", 1900 + row % 200, row % 28 + 1),
            "exact": format!("{}.{:03}", signed * 7919 - 900_000, row % 1000),
            "is_new": row % 3 == 0,
            "name": name,
            "price": f64::from(u16::try_from(row).expect("a few rows")) / 4.0,
            "tags": [row % 9, "t", { "deep": [row % 2] }],
            "tiny": format!("{}.5", row % 100),
            "wide": format!("-{}000000000000000000.25", row + 1),
        });
        let names: Vec<String> = record.as_object().expect("an object").keys().cloned().collect();
        if row % 11 == 4 {
            record.as_object_mut().expect("an object").remove(&names[row / 11 % names.len()]);
        }
        input += &record.to_string();
        input.push('\n');
    }
    let outputs = run(&plan, &input);
    let schema = plan.page_schema().expect("Parquet columns");
    let (mut columns, mut file) =
        (plan.page_columns(&schema), ParquetFile::new(Vec::new(), schema).expect("memory does not fail"));
    for output in &outputs {
        columns.add(output).expect("made with columns");
        columns.finish().expect("small pages");
        file.append(columns.chunks()).expect("the plan's chunks");
        columns.clear();
    }
    let bytes = bytes::Bytes::from(file.finish().expect("memory does not fail"));
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).expect("Parquet").with_batch_size(1 << 20);
    let read: Vec<_> = reader.build().expect("readable").map(|batch| batch.expect("sound pages")).collect();
    let read = arrow_select::concat::concat_batches(&read[0].schema(), &read).expect("one schema");
    let batches: Vec<_> = outputs.iter().map(|output| plan.accepted_batch(output, false).expect("columns")).collect();
    let wanted = arrow_select::concat::concat_batches(&batches[0].schema(), &batches).expect("one schema");
    assert_eq!((read.num_rows(), wanted.num_rows()), (9000, 9000));
    assert_eq!(read.num_columns() + 1, wanted.num_columns(), "all but the keys");
    for (field, column) in read.schema().fields().iter().zip(read.columns()) {
        let same = wanted.column_by_name(field.name()).expect("a column of the batch");
        assert!(column.as_ref() == same.as_ref(), "{}", field.name());
        assert!(column.null_count() < 900);
    }
}

/// Outputs that were made without columns are refused.
#[test]
fn outputs_without_columns_are_refused() {
    let plan = plan(&json!({ "n": { "type": "integer" } }), &json!([]));
    let outputs = plan.run(br#"{"n":1}"#, 1, RunOptions::default());
    let mut columns = plan.page_columns(&plan.page_schema().expect("Parquet columns"));
    assert!(columns.add(&outputs[0]).is_err() && plan.accepted_batch(&outputs[0], false).is_err());
}
