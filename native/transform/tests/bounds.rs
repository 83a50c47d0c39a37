//! Results stop at their bounds while they grow, and options have bounds.

use chartly_json::{Limits, Object, Value, parse};
use chartly_transform::{Failure, NoFields, NoSecrets, Op, OpError, Secret, SecretRef, Secrets, compile};

fn options(text: &str) -> Object<'_> {
    match parse(text.as_bytes(), Limits::default()).expect("JSON").value {
        Value::Object(object) => object,
        other => panic!("not an object: {other:?}"),
    }
}

fn op(name: &str, text: &str) -> Result<Box<dyn Op>, OpError> {
    compile(name, &options(text), &NoSecrets)
}

fn apply(name: &str, text: &str, value: Value<'static>) -> Option<Failure> {
    op(name, text).expect("compiles").apply(value, &NoFields).err()
}

fn text(character: &str, count: usize) -> Value<'static> {
    Value::String(character.repeat(count).into())
}

/// A text beyond a mebibyte is refused, by every op that makes it grow.
#[test]
fn texts_are_bounded() {
    let long = "x".repeat(60_000);
    for (name, options) in [
        ("replace", format!(r#"{{"find": "a", "with": "{long}"}}"#)),
        ("regexReplace", format!(r#"{{"pattern": "a", "with": "{long}"}}"#)),
        ("regexReplace", format!(r#"{{"pattern": "", "with": "{long}"}}"#)),
    ] {
        assert_eq!(apply(name, &options, text("a", 1 << 19)), Some(Failure::TooLarge), "{name}");
        assert_eq!(apply(name, &options, text("a", 10)), None, "{name}");
    }
    assert_eq!(apply("normalizeUnicode", r#"{"form": "NFKD"}"#, text("\u{fdfa}", 1 << 18)), Some(Failure::TooLarge));
    assert_eq!(apply("upper", "{}", text("ŉ", 500_000)), Some(Failure::TooLarge));
}

/// An array of more than 65,536 elements is refused.
#[test]
fn arrays_are_bounded() {
    assert_eq!(apply("split", r#"{"by": ","}"#, text(",", 65_535)), None);
    assert_eq!(apply("split", r#"{"by": ","}"#, text(",", 65_536)), Some(Failure::TooLarge));
}

/// The error for an option out of bounds names it and its rule.
#[test]
fn options_have_bounds() {
    for (name, text, option) in [
        ("toDecimal", r#"{"scale": 2}"#, "precision"),
        ("toDecimal", r#"{"precision": 39, "scale": 2}"#, "precision"),
        ("toDecimal", r#"{"precision": 5, "scale": 6}"#, "scale"),
        ("toDecimal", r#"{"precision": 5, "scale": 1.5}"#, "scale"),
        ("toUtcTimestamp", r#"{"from": "epoch"}"#, "unit"),
        ("toUtcTimestamp", r#"{"from": "epoch", "unit": "m"}"#, "unit"),
        ("toUtcTimestamp", r#"{"from": "epoch", "unit": "s", "zone": "UTC"}"#, "zone"),
        ("toUtcTimestamp", r#"{"unit": "s"}"#, "unit"),
        ("toUtcTimestamp", r#"{"patterns": ["%F"]}"#, "zone"),
        ("toUtcTimestamp", r#"{"patterns": ["%Q"], "zone": "UTC"}"#, "patterns"),
        ("toUtcTimestamp", r#"{"patterns": [], "zone": "UTC"}"#, "patterns"),
        ("toUtcTimestamp", r#"{"zone": "Mars/Olympus"}"#, "zone"),
        ("toUtcTimestamp", r#"{"gap": "later"}"#, "gap"),
        ("toDate", r#"{"patterns": ["%F %z"]}"#, "zone"),
        ("toBoolean", r#"{"trueValues": ["false"]}"#, "falseValues"),
        ("toBoolean", r#"{"trueValues": [1], "falseValues": [1.0]}"#, "falseValues"),
        ("toBoolean", r#"{"trueValues": [[]]}"#, "trueValues"),
        ("replace", r#"{"find": "", "with": ""}"#, "find"),
        ("regexReplace", r#"{"pattern": "(", "with": ""}"#, "pattern"),
        ("regexReplace", r#"{"pattern": "\\w{1000}{1000}", "with": ""}"#, "pattern"),
        ("regexExtract", r#"{"pattern": "a", "group": 1}"#, "group"),
        ("split", r#"{"by": ""}"#, "by"),
        ("padStart", r#"{"length": 0}"#, "length"),
        ("template", r#"{"template": "none"}"#, "template"),
        ("template", r#"{"template": "{open"}"#, "template"),
        ("template", r#"{"template": "close}"}"#, "template"),
        ("concat", r#"{"fields": []}"#, "fields"),
        ("lookup", r#"{"table": {}}"#, "table"),
        ("lookup", r#"{"table": {"a": 1, "a": 2}}"#, "table"),
        ("lookup", r#"{"table": {"a": 1}, "default": 1, "otherwise": "keep"}"#, "otherwise"),
        ("add", "{}", "value"),
        ("add", r#"{"value": "1"}"#, "value"),
        ("add", r#"{"value": 1, "valueFrom": "a"}"#, "valueFrom"),
        ("divide", r#"{"value": 0}"#, "value"),
        ("divide", r#"{"value": 3, "rounding": "up"}"#, "scale"),
        ("convertUnit", r#"{"from": "kg", "to": "m"}"#, "to"),
        ("convertUnit", r#"{"from": "kg", "to": "lb"}"#, "scale"),
        ("convertUnit", r#"{"from": "stone", "to": "kg"}"#, "from"),
        ("mask", r#"{"with": "**"}"#, "with"),
        ("hmac", r#"{"secretRef": {"name": "a", "key": "b"}}"#, "secretRef"),
        ("hmac", r#"{"secretRef": "in clear"}"#, "secretRef"),
        ("hmac", "{}", "secretRef"),
        ("allowValues", r#"{"values": []}"#, "values"),
        ("denyValues", r#"{"values": [null]}"#, "values"),
        ("drop", r#"{"when": {}}"#, "when"),
        ("drop", r#"{"when": []}"#, "when"),
        ("drop", r#"{"when": null}"#, "when"),
        ("drop", r#"{"when": {"field": "a"}}"#, "when"),
        ("drop", r#"{"when": {"equal": "a"}}"#, "when"),
        ("drop", r#"{"when": {"equals": []}}"#, "when"),
        ("drop", r#"{"when": {"atLeast": "1"}}"#, "when"),
        ("drop", r#"{"when": {"matches": "("}}"#, "when"),
        ("drop", r#"{"when": {"any": []}}"#, "when"),
        (
            "drop",
            r#"{"when": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"present": true}}}}}}}}}}"#,
            "when",
        ),
    ] {
        let error = op(name, text).map(|_| ()).expect_err(text);
        assert_eq!(error.option(), Some(option), "{name} {text}: {error}");
    }
}

/// A key shorter than 16 bytes is refused.
#[test]
fn short_keys_are_refused() {
    struct Short;
    impl Secrets for Short {
        fn resolve(&self, _: &SecretRef) -> Option<Secret> {
            Some(Secret::new(*b"fifteen bytes.."))
        }
    }
    let options = options(r#"{"secretRef": {"name": "a", "key": "b"}}"#);
    let error = compile("hmac", &options, &Short).map(|_| ()).expect_err("too short");
    assert_eq!(error.to_string(), r#"hmac: option "secretRef" must be a secret of at least 16 bytes"#);
}
