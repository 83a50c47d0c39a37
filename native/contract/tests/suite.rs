//! The JSON Schema test suite, draft 2020-12: all required tests and all formats, without exceptions.

#[path = "../../json/tests/suites/mod.rs"]
mod suites;

use std::path::Path;

use chartly_contract::{Contract, Options, Resources};
use chartly_json::{Limits, parse};
use serde_json::Value;

/// The base URI of the suite's remote schemas.
const REMOTES_BASE: &str = "http://localhost:1234/";

/// The required tests pass with `format` as an annotation, which is the standard's default.
#[test]
fn agrees_with_the_required_tests() {
    let Some(suite) = suites::suite("json-schema") else { return };
    run(&suite, &suite.join("tests/draft2020-12"), Options { assert_formats: false }, 1_290);
}

/// The format tests pass with `format` asserted, as in contracts.
#[test]
fn agrees_with_the_format_tests() {
    let Some(suite) = suites::suite("json-schema") else { return };
    run(&suite, &suite.join("tests/draft2020-12/optional/format"), Options { assert_formats: true }, 700);
}

/// The optional tests pass for big numbers, ECMA-262's regular expressions, characters beyond 16 bits, and identifiers
/// that count only where keywords have schemas.
#[test]
fn agrees_with_the_optional_tests_it_supports() {
    let Some(suite) = suites::suite("json-schema") else { return };
    let names = [
        "anchor",
        "bignum",
        "dynamicRef",
        "ecmascript-regex",
        "float-overflow",
        "id",
        "no-schema",
        "non-bmp-regex",
        "refOfUnknownKeyword",
        "unknownKeyword",
        "format-assertion",
    ];
    let remotes = remotes(&suite);
    let mut failures = Vec::new();
    for name in names {
        let file = suite.join(format!("tests/draft2020-12/optional/{name}.json"));
        check_file(&file, &remotes, Options { assert_formats: false }, &mut failures);
    }
    assert!(failures.is_empty(), "{} fail:\n{}", failures.len(), failures.join("\n"));
}

fn run(suite: &Path, folder: &Path, options: Options, cases_min: usize) {
    let remotes = remotes(suite);
    let mut failures = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("the suite's folder") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "json") {
            cases += check_file(&path, &remotes, options, &mut failures);
        }
    }
    assert!(failures.is_empty(), "{} of {cases} fail:\n{}", failures.len(), failures.join("\n"));
    assert!(cases >= cases_min, "the suite shrank to {cases} cases");
}

fn check_file(path: &Path, remotes: &Resources, options: Options, failures: &mut Vec<String>) -> usize {
    let text = std::fs::read(path).expect("a readable file");
    let groups: Value = serde_json::from_slice(&text).expect("the suite is JSON");
    let mut cases = 0;
    for group in groups.as_array().expect("groups") {
        let schema = group["schema"].to_string();
        let name = format!("{} / {}", path.file_stem().unwrap_or_default().display(), group["description"]);
        let schema = parse(schema.as_bytes(), Limits::WIDEST).expect("the schema is JSON");
        let contract = match Contract::compile_with(&schema, remotes, options) {
            Ok(contract) => contract,
            Err(error) => {
                failures.push(format!("{name}: {error}"));
                continue;
            }
        };
        for test in group["tests"].as_array().expect("tests") {
            cases += 1;
            let instance = test["data"].to_string();
            let instance = parse(instance.as_bytes(), Limits::WIDEST).expect("the instance is JSON");
            let valid = contract.is_valid(&instance.value);
            let violations = contract.violations(&instance.value);
            if test["valid"] != valid || valid != violations.is_empty() {
                failures.push(format!("{name} / {}: {valid} {violations:?}", test["description"]));
            }
        }
    }
    cases
}

fn remotes(suite: &Path) -> Resources {
    let mut remotes = Resources::new();
    let base = suite.join("remotes");
    let mut folders = vec![base.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read(&path).expect("a readable file");
            let node = parse(&text, Limits::WIDEST).expect("the remote is JSON").into_owned();
            let name = path.strip_prefix(&base).expect("below the base").display().to_string();
            remotes.insert(format!("{REMOTES_BASE}{name}"), node);
        }
    }
    remotes
}
