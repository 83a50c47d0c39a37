//! The deepest documents that can be parsed are validated and compiled within a thread's stack of two megabytes.

use chartly_contract::{Contract, Resources};
use chartly_json::{DEPTH_CEILING, Limits, parse};

/// The default stack of a Rust thread.
const STACK_BYTES: usize = 2 << 20;

fn on_a_thread(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work).expect("a thread");
    thread.join().expect("the work ends well");
}

/// A recursive contract follows an instance to the greatest depth, through references and branches.
#[test]
fn validates_the_deepest_instance() {
    on_a_thread(|| {
        let schema = br##"{
            "$dynamicAnchor": "node",
            "anyOf": [{"allOf": [{"$ref": "#/$defs/list"}]}, {"type": "number"}],
            "$defs": {"list": {"type": "array", "items": {"$dynamicRef": "#node"}}}
        }"##;
        let schema = parse(schema, Limits::WIDEST).expect("JSON");
        let contract = Contract::compile(&schema, &Resources::new()).expect("a contract");
        let nested = |leaf: &str| format!("{}{leaf}{}", "[".repeat(DEPTH_CEILING), "]".repeat(DEPTH_CEILING));
        let (good, bad) = (nested("1"), nested("true"));
        assert!(contract.is_valid(&parse(good.as_bytes(), Limits::WIDEST).expect("JSON").value));
        let bad = parse(bad.as_bytes(), Limits::WIDEST).expect("JSON");
        assert_eq!(contract.violations(&bad.value).len(), 1);
    });
}

/// A schema as deep as a document can be is compiled, its meta-schema included.
#[test]
fn compiles_the_deepest_schema() {
    on_a_thread(|| {
        let levels = DEPTH_CEILING - 1;
        let schema = format!("{}{{\"type\":\"null\"}}{}", r#"{"not":"#.repeat(levels), "}".repeat(levels));
        let schema = parse(schema.as_bytes(), Limits::WIDEST).expect("JSON");
        let contract = Contract::compile(&schema, &Resources::new()).expect("a contract");
        assert_eq!(contract.is_valid(&chartly_json::Value::Null), levels.is_multiple_of(2));
    });
}

/// The longest chain of references that a schema can hold fits the stack, at any level of the instance.
#[test]
fn follows_the_longest_chains() {
    on_a_thread(|| {
        const LINKS: usize = 5_000;
        let links: Vec<String> =
            (1..LINKS).map(|link| format!(r##""l{link}":{{"$ref":"#/$defs/l{}"}}"##, link - 1)).collect();
        let schema = format!(
            r##"{{"$ref":"#/$defs/l{}","unevaluatedItems":{{"$ref":"#"}},"$defs":{{"l0":{{"type":["array","null"]}},{}}}}}"##,
            LINKS - 1,
            links.join(",")
        );
        let schema = parse(schema.as_bytes(), Limits::WIDEST).expect("JSON");
        let contract = Contract::compile(&schema, &Resources::new()).expect("a contract");
        let nested = |leaf: &str| format!("{}{leaf}{}", "[".repeat(20), "]".repeat(20));
        assert!(contract.is_valid(&parse(nested("null").as_bytes(), Limits::WIDEST).expect("JSON").value));
        let bad = nested("1");
        assert_eq!(contract.violations(&parse(bad.as_bytes(), Limits::WIDEST).expect("JSON").value).len(), 1);
    });
}
