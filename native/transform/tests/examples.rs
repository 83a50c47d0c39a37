//! Every example of every op gives the stated result.

use chartly_json::{Limits, Object, Value, parse};
use chartly_transform::{
    DEFINITIONS, Example, Expected, Failure, Fields, NoSecrets, Op, Secret, SecretRef, Secrets, apply_all, compile,
    condition_examples,
};

/// One fixed key, so that keyed examples have fixed results.
struct ExampleSecrets;

impl Secrets for ExampleSecrets {
    fn resolve(&self, reference: &SecretRef) -> Option<Secret> {
        (&*reference.name == "pii" && &*reference.key == "key")
            .then(|| Secret::new(*b"example key, thirty-two bytes ok"))
    }
}

struct Record<'a>(Object<'a>);

impl<'a> Fields<'a> for Record<'a> {
    fn field(&self, name: &str) -> Option<&Value<'a>> {
        self.0.get(name).map(|node| &node.value)
    }
}

fn value(text: &str) -> Value<'_> {
    parse(text.as_bytes(), Limits::default()).unwrap_or_else(|error| panic!("{text}: {error}")).value
}

fn object(text: &str) -> Object<'_> {
    match value(text) {
        Value::Object(object) => object,
        other => panic!("not an object: {other:?}"),
    }
}

fn run(op: Box<dyn Op>, example: &Example) -> Result<Option<Value<'static>>, Failure> {
    let record = Record(object(example.record));
    let outcome = apply_all(&[op], example.value.map(value), &record);
    outcome.map(|value| value.map(Value::into_owned)).map_err(|(_, failure)| failure)
}

/// Compare as JSON text, so that an exact decimal equals its string, and a number equals its decimal.
fn same(result: &Value<'_>, expected: &Value<'_>) -> bool {
    match (result, expected) {
        (Value::Decimal(text), Value::String(other)) => text == other,
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(&one.value, &other.value))
        }
        _ => result.equals(expected),
    }
}

fn check(name: &str, example: &Example) {
    let context = format!("{name} {example:?}");
    let op = compile(name, &object(example.options), &ExampleSecrets);
    let op = op.unwrap_or_else(|error| panic!("{context}: {error}"));
    assert_eq!(op.name(), name);
    let promise = op.result_type();
    match (run(op, example), example.expected) {
        (Ok(Some(result)), Expected::Value(expected)) => {
            assert!(same(&result, &value(expected)), "{context} gave {result:?}");
            assert!(promise.holds(&result), "{context} promised {promise:?}");
        }
        (Ok(None), Expected::Absent) => {}
        (Err(failure), Expected::Failure(expected)) => assert_eq!(failure, expected, "{context}"),
        (outcome, _) => panic!("{context} gave {outcome:?}"),
    }
}

/// Examples give the stated results.
#[test]
fn examples_give_the_stated_results() {
    for definition in DEFINITIONS {
        assert!(!definition.examples.is_empty(), "{} has examples", definition.name);
        for example in definition.examples {
            check(definition.name, example);
        }
    }
}

/// An op with a condition runs where the condition is true, and only there.
#[test]
fn conditions_give_the_stated_results() {
    let (op, examples) = condition_examples();
    for example in examples {
        check(op, example);
    }
}

/// A null and an absent field pass unchanged through every op that doesn't fill.
#[test]
fn absent_stays_absent_and_null_stays_null() {
    for definition in DEFINITIONS {
        let fills = |example: &&Example| example.value.is_none();
        for example in definition.examples.iter().filter(|_| !definition.examples.iter().any(|example| fills(&example)))
        {
            for nothing in [None, Some("null")] {
                let op = compile(definition.name, &object(example.options), &ExampleSecrets).expect("compiles");
                let result = run(op, &Example { value: nothing, ..*example }).expect("no failure");
                assert_eq!(result.map(|value| value.is_null()), nothing.map(|_| true), "{}", definition.name);
            }
        }
    }
}

/// An op refuses an unknown option; the plan's own keys are no options.
#[test]
fn unknown_options_are_refused() {
    for definition in DEFINITIONS {
        let options = object(definition.examples[0].options);
        let with = |key: &'static str| {
            let mut options = options.clone();
            options.push(key, Value::Bool(true));
            compile(definition.name, &options, &ExampleSecrets).map_err(|error| error.option().map(str::to_owned))
        };
        assert_eq!(with("colour").err(), Some(Some("colour".to_owned())), "{}", definition.name);
        assert!(with("field").is_ok() && with("op").is_ok(), "{}", definition.name);
        assert_eq!(with("when").err(), Some(Some("when".to_owned())), "true is no condition");
    }
    assert!(compile("toNumbr", &Object::default(), &NoSecrets).is_err());
}
