//! Every error of a schema, with the place that the error names.

use chartly_contract::{Contract, ContractError, Resources};
use chartly_json::{Limits, parse};

fn resources(given: &[(&str, &str)]) -> Resources {
    let node = |text: &str| parse(text.as_bytes(), Limits::default()).expect("JSON").into_owned();
    given.iter().map(|(uri, text)| ((*uri).to_owned(), node(text))).collect()
}

fn refusal(schema: &str, given: &[(&str, &str)]) -> ContractError {
    let schema = parse(schema.as_bytes(), Limits::default()).expect("JSON");
    Contract::compile(&schema, &resources(given)).map(drop).expect_err("the schema is refused")
}

/// A schema that violates its meta-schema is refused with the place and the rule.
#[test]
fn invalid_schemas() {
    let places = [
        (r#"{"properties": {"a~/b": {"type": "text"}}}"#, "/properties/a~0~1b/type"),
        (r#"{"required": ["a", "a"]}"#, "/required"),
        (r#"{"items": [{}]}"#, "/items"),
        (r#"{"minLength": -1}"#, "/minLength"),
        (r#"{"multipleOf": 0}"#, "/multipleOf"),
        ("[]", ""),
    ];
    for (schema, expected) in places {
        match refusal(schema, &[]) {
            ContractError::InvalidSchema { resource, pointer, rule } => {
                assert_eq!((resource.as_str(), pointer.as_str()), ("", expected), "{schema}");
                assert!(!rule.is_empty());
            }
            other => panic!("{schema}: {other}"),
        }
    }
}

/// A given resource is checked too, and reported under its own name.
#[test]
fn invalid_resources() {
    let error = refusal(r#"{"$ref": "money.json"}"#, &[("money.json", r#"{"type": "money"}"#)]);
    let ContractError::InvalidSchema { resource, pointer, .. } = error else { panic!("{error}") };
    assert_eq!((resource.as_str(), pointer.as_str()), ("money.json", "/type"));
}

/// References must lead to a document, an anchor, or a place in one.
#[test]
fn unresolvable_references() {
    for reference in
        ["https://example.test/none", "#none", "#/$defs/none", "#/$defs/a/allOf/01", "other.json#/b", "%%%"]
    {
        let schema =
            format!(r#"{{"$defs": {{"a": {{"allOf": [true]}}}}, "properties": {{"p": {{"$ref": "{reference}"}}}}}}"#);
        let error = refusal(&schema, &[("other.json", r#"{"a": true}"#)]);
        let ContractError::UnresolvableReference { pointer, reference: named, .. } = error else { panic!("{error}") };
        assert_eq!((pointer.as_str(), named.as_str()), ("/properties/p", reference));
    }
}

/// References that lead back in place are refused, also through branches; references through the instance are valid
/// recursion.
#[test]
fn circular_references() {
    for schema in [
        r##"{"$ref": "#"}"##,
        r##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}, "items": {"$ref": "#/$defs/a"}}"##,
        r##"{"if": {"anyOf": [true, {"$ref": "#"}]}}"##,
    ] {
        assert!(matches!(refusal(schema, &[]), ContractError::CircularReference { .. }), "{schema}");
    }
    let recursive = parse(br##"{"properties": {"child": {"$ref": "#"}}}"##, Limits::default()).expect("JSON");
    assert!(Contract::compile(&recursive, &Resources::new()).is_ok());
}

/// Identifiers are URIs, and each names one schema of a document.
#[test]
fn invalid_identifiers() {
    for schema in [
        r#"{"$defs": {"a": {"$id": "x"}, "b": {"$id": "x"}}}"#,
        r#"{"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}"#,
        r#"{"$defs": {"a": {"$anchor": "x"}, "b": {"$dynamicAnchor": "x"}}}"#,
        r#"{"$defs": {"a": {"$id": "%%%"}}}"#,
        r##"{"$id": "#fragment"}"##,
    ] {
        assert!(matches!(refusal(schema, &[]), ContractError::InvalidIdentifier { .. }), "{schema}");
    }
    let error = refusal("true", &[("%%%", "true")]);
    assert!(matches!(&error, ContractError::InvalidIdentifier { identifier, .. } if identifier == "%%%"), "{error}");
}

/// Other dialects are refused, unless a given meta-schema states its vocabularies.
#[test]
fn unknown_dialects_and_vocabularies() {
    let draft7 = refusal(r#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, &[]);
    assert!(matches!(draft7, ContractError::UnknownDialect { dialect } if dialect.contains("draft-07")));
    let metaschema = |required: bool| {
        format!(
            r#"{{"$schema": "https://json-schema.org/draft/2020-12/schema", "$vocabulary": {{
                "https://json-schema.org/draft/2020-12/vocab/core": true, "https://example.test/units": {required}}}}}"#
        )
    };
    let schema = r#"{"$schema": "https://example.test/meta", "minimum": 1}"#;
    let error = refusal(schema, &[("https://example.test/meta", &metaschema(true))]);
    assert!(
        matches!(error, ContractError::UnknownVocabulary { vocabulary } if vocabulary == "https://example.test/units")
    );
    // Optional vocabularies are skipped, and an absent vocabulary asserts nothing.
    let schema = parse(schema.as_bytes(), Limits::default()).expect("JSON");
    let given = resources(&[("https://example.test/meta", &metaschema(false))]);
    let contract = Contract::compile(&schema, &given).expect("a contract");
    assert!(contract.is_valid(&parse(b"0", Limits::default()).expect("JSON").value));
}
