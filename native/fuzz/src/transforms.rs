//! A transform, the record's other fields and a value, one a line. No op panics, each keeps its promise, its results
//! can be written, some ops are idempotent, and both engines agree.

use chartly_canonical::write_value;
use chartly_json::{Limits, Object, Value, parse};
use chartly_transform::{DEFINITIONS, Failure, Fields, Op, Outcome, compile, condition_examples};

use crate::engines::{AnySecret, Engines};
use crate::parts::split;

/// Ops that are idempotent.
const AT_REST: &[&str] = &[
    "toNumber",
    "toInteger",
    "toBoolean",
    "toString",
    "trim",
    "lower",
    "upper",
    "normalizeUnicode",
    "abs",
    "round",
    "allowValues",
    "denyValues",
    "denyPattern",
    "padStart",
    "padEnd",
];

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let conditional = condition_examples();
    let all = DEFINITIONS.iter().map(|definition| (definition.name, definition.examples)).chain([conditional]);
    let mut seeds = Vec::new();
    for (name, examples) in all {
        for example in examples {
            let rest = example.options.trim_start().strip_prefix('{').expect("options are an object");
            let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
            let value = example.value.unwrap_or("null");
            seeds.push(
                format!("{{\"op\":\"{name}\"{comma}{rest}\n{}\n{value}", example.record)
                    .replace("\n ", " ")
                    .into_bytes(),
            );
        }
    }
    seeds
}

struct Record<'a>(&'a Object<'a>);

impl<'a> Fields<'a> for Record<'a> {
    fn field(&self, name: &str) -> Option<&Value<'a>> {
        self.0.get(name).map(|node| &node.value)
    }
}

pub(crate) fn check(input: &[u8]) {
    let Some([transform, fields, value]) = split(input) else { return };
    let limits = Limits::default();
    let (Ok(transform), Ok(fields), Ok(node)) = (parse(transform, limits), parse(fields, limits), parse(value, limits))
    else {
        return;
    };
    let is_sound = [&transform, &fields, &node].iter().all(|node| node.first_duplicate_deep().is_none());
    let (Some(options), Some(record), true) = (transform.value.as_object(), fields.value.as_object(), is_sound) else {
        return;
    };
    let Some(name) = options.get("op").and_then(|node| node.value.as_str()) else { return };
    let Ok(op) = compile(name, options, &AnySecret) else { return };
    judge(name, &*op, &node.value, &Record(record), options.get("when").is_some());
    engines_agree(&input[..input.len() - value.len()], record, value);
}

fn judge<'a>(name: &str, op: &dyn Op, value: &Value<'a>, record: &Record<'a>, has_condition: bool) {
    assert_eq!(op.name(), name);
    let run = |value: Value<'a>| apply_one(op, Some(value), record);
    let Ok(Some(result)) = run(value.clone()) else { return };
    if !value.is_null() {
        assert!(op.result_type().holds(&result), "{name} promised {:?}, gave {result:?}", op.result_type());
    }
    let mut bytes = Vec::new();
    if write_value(&result, &mut bytes).is_ok() {
        let read = parse(&bytes, Limits::WIDEST).expect("what is written is JSON");
        let mut again = Vec::new();
        assert!(write_value(&read.value, &mut again).is_ok() && again == bytes, "{name}: written, read, written");
    }
    if AT_REST.contains(&name) && !has_condition {
        let twice = run(result.clone()).expect("a result of the op is an input of it").expect("it drops nothing");
        let mut again = Vec::new();
        let is_written = write_value(&twice, &mut again).is_ok();
        assert!(!is_written || again == bytes, "{name} is at rest: {result:?}, {twice:?}");
    }
}

fn apply_one<'a>(op: &dyn Op, value: Option<Value<'a>>, record: &Record<'a>) -> Result<Option<Value<'a>>, Failure> {
    match value {
        None => op.fill(record),
        Some(Value::Null) => Ok(Some(op.fill(record)?.unwrap_or(Value::Null))),
        Some(value) => op.apply(value, record).map(|outcome| match outcome {
            Outcome::Value(value) => Some(value),
            Outcome::Dropped => None,
        }),
    }
}

/// Run the op in a plan over a record of these fields, in both engines; a contract checks its promise.
fn engines_agree(head: &[u8], record: &Object<'_>, value: &[u8]) {
    let Some([transform, fields, _]) = split(head) else { return };
    let Ok(transform) = serde_json::from_slice::<serde_json::Value>(transform) else { return };
    let mut mapping = serde_json::Map::new();
    for member in record.members() {
        if !matches!(&*member.key, "type" | "value") {
            let name = serde_json::Value::from(&*member.key);
            mapping
                .insert(member.key.to_string(), serde_json::json!({ "path": format!("$[{name}]"), "keepNull": true }));
        }
    }
    mapping.insert("value".to_owned(), serde_json::json!({ "path": "$.value", "transforms": [transform] }));
    let profile = serde_json::json!({ "canonicalEventType": "t", "input": "ndjson", "mapping": mapping });
    let contract = br#"{"properties":{"value":{"type":["string","number","boolean"],"minLength":1}}}"#;
    let Some(engines) = Engines::of(profile.to_string().as_bytes(), contract) else { return };
    let inner = fields.trim_ascii().strip_prefix(b"{").expect("it was an object before");
    let comma: &[u8] = if record.members().is_empty() { b"" } else { b"," };
    engines.agree(&[b"{\"value\":", value, comma, inner].concat());
}
