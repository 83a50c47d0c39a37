//! The parser passes `JSONTestSuite` and agrees with another parser.

mod suites;

use chartly_json::{Limits, ParseError, parse, parse_check};
use proptest::prelude::*;

/// Every `y_` case is accepted and every `n_` case refused, by the checker and by the parser. For `i_` cases both
/// agree.
#[test]
fn agrees_with_the_parsing_suite() {
    let Some(folder) = suites::suite("json-parsing/test_parsing") else { return };
    let mut failures = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("the suite's folder") {
        let path = entry.expect("a file").path();
        let name = path.file_name().unwrap_or_default().display().to_string();
        let bytes = std::fs::read(&path).expect("a readable file");
        let accepted = parse_check(&bytes).is_ok();
        let is_expected = match name.as_bytes()[0] {
            b'y' => accepted,
            b'n' => !accepted,
            _ => true,
        };
        if !is_expected || parse(&bytes, Limits::WIDEST).is_ok() != accepted {
            failures.push(name);
        }
        cases += 1;
    }
    assert!(failures.is_empty(), "{} of {cases} fail: {failures:?}", failures.len());
    assert!(cases >= 318, "the suite shrank to {cases} cases");
}

/// Return text that is JSON, or nearly.
fn nearly_json() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just(",".to_owned()),
        Just(":".to_owned()),
        Just(" ".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just(r#""k""#.to_owned()),
        r#""([a-zé😀]|\\[bfnrtu/"\\x]|\\u[0-9a-fA-F]{4}|\\ud83d\\ude00){0,4}""#,
        r"-?(0|[1-9][0-9]{0,3}|0[0-9])(\.[0-9]{0,3})?([eE][+-]?[0-9]{0,2})?",
    ];
    proptest::collection::vec(token, 0..12).prop_map(|tokens| tokens.concat())
}

/// Return a JSON tree in the other parser's type.
fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let scalar = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    scalar.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Near misses get the same verdict as from serde_json, except numbers beyond a double, which only serde_json
    /// refuses.
    #[test]
    fn agrees_with_serde_json_on_near_misses(text in nearly_json()) {
        let theirs = match serde_json::from_str::<serde_json::Value>(&text) {
            Err(error) if error.to_string().starts_with("number out of range") => return Ok(()),
            outcome => outcome.is_ok(),
        };
        prop_assert_eq!(parse_check(text.as_bytes()).is_ok(), theirs, "{}", text);
        prop_assert_eq!(parse(text.as_bytes(), Limits::WIDEST).is_ok(), theirs, "{}", text);
    }

    /// Any bytes get the same verdict from both, and nothing panics.
    #[test]
    fn agrees_with_serde_json_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
        let theirs = serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
        prop_assert_eq!(parse_check(&bytes).is_ok(), theirs);
    }

    /// Spans are the places of their values in the document, in any layout.
    #[test]
    fn spans_hold_their_values(value in json_value(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let root = parse(text.as_bytes(), Limits::WIDEST).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let mut nodes = vec![(&root, &value)];
        while let Some((node, expected)) = nodes.pop() {
            let again: serde_json::Value = serde_json::from_str(&text[node.span.range()])
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(&again, expected);
            match (&node.value, expected) {
                (chartly_json::Value::Array(elements), serde_json::Value::Array(others)) => {
                    nodes.extend(elements.iter().zip(others));
                }
                (chartly_json::Value::Object(object), serde_json::Value::Object(others)) => {
                    prop_assert_eq!(object.len(), others.len());
                    nodes.extend(object.members().iter().map(|member| (&member.node, &others[&*member.key])));
                }
                (chartly_json::Value::String(text), other) => prop_assert_eq!(Some(&**text), other.as_str()),
                _ => {}
            }
        }
    }
}

/// The error is the first one in the order of bytes, with its rule.
#[test]
fn names_the_first_problem() {
    use chartly_json::Rule;
    let cases: [(&[u8], usize, Rule); 16] = [
        (b"", 0, Rule::UnexpectedEnd),
        (b"  ", 2, Rule::UnexpectedEnd),
        (b"\xef\xbb\xbf{}", 0, Rule::ByteOrderMark),
        (b"{\"a\":\"\xff\"}", 6, Rule::Utf8),
        (b"{\"a\":x\xff", 5, Rule::UnexpectedCharacter),
        (b"[1,\xed\xa0\x80]", 3, Rule::Utf8),
        (b"{} x", 3, Rule::TrailingText),
        (b"[1,]", 3, Rule::UnexpectedCharacter),
        (b"[\"a\nb\"]", 3, Rule::ControlCharacter),
        (br#"["\x41"]"#, 2, Rule::InvalidEscape),
        (br#"["\ud800"]"#, 2, Rule::LoneSurrogate),
        (br#"["\udc00\ud800"]"#, 2, Rule::LoneSurrogate),
        (br#"["\u12"#, 6, Rule::UnexpectedEnd),
        (b"[-]", 2, Rule::InvalidNumber),
        (b"[1.", 3, Rule::UnexpectedEnd),
        (b"[NaN]", 1, Rule::UnexpectedCharacter),
    ];
    for (bytes, offset, rule) in cases {
        let expected = Err(ParseError::Malformed { offset, rule });
        assert_eq!(parse_check(bytes), expected, "{}", String::from_utf8_lossy(bytes));
        assert_eq!(parse(bytes, Limits::default()).map(drop), expected);
    }
}

/// Depth counts containers, starting with the root; a document at the limit is accepted.
#[test]
fn limits_depth() {
    let limits = Limits { depth_max: 3, ..Limits::default() };
    assert!(parse(br#"[{"a":[1]}]"#, limits).is_ok());
    let too_deep = parse(br#"[{"a":[[]]}]"#, limits).map(drop);
    assert_eq!(too_deep, Err(ParseError::DepthExceeded { offset: 7, depth_max: 3 }));
}

/// Size counts all bytes and is checked before anything else.
#[test]
fn limits_size() {
    let limits = Limits { bytes_max: 4, ..Limits::default() };
    assert!(parse(b"[12]", limits).is_ok());
    let too_large = parse(b"\xff[12]", limits).map(drop);
    assert_eq!(too_large, Err(ParseError::TooLarge { bytes: 5, bytes_max: 4 }));
}

/// A megabyte of brackets is checked without recursion.
#[test]
fn checks_any_depth() {
    let deep = [vec![b'['; 1 << 20], vec![b']'; 1 << 20]].concat();
    assert_eq!(parse_check(&deep), Ok(()));
    assert!(matches!(parse(&deep, Limits::WIDEST), Err(ParseError::DepthExceeded { offset: 512, .. })));
}

/// Repeated keys are kept in order, found in small and large objects, and compared unescaped.
#[test]
fn finds_repeated_keys() {
    let root = parse(br#"{"a":1,"b":{"c":1,"\u0063":2},"a":3}"#, Limits::default()).expect("JSON");
    let object = root.value.as_object().expect("an object");
    assert_eq!(object.len(), 3);
    assert_eq!(object.first_duplicate().map(|found| found.key_span.start), Some(30));
    assert_eq!(root.first_duplicate_deep().map(|found| found.key_span.start), Some(18));
    let many: Vec<String> = (0..100).map(|number| format!(r#""k{number}":{number}"#)).collect();
    let unique = format!("{{{}}}", many.join(","));
    let repeated = format!("{{{},\"k7\":0}}", many.join(","));
    assert_eq!(parse(unique.as_bytes(), Limits::default()).expect("JSON").first_duplicate_deep(), None);
    assert!(parse(repeated.as_bytes(), Limits::default()).expect("JSON").first_duplicate_deep().is_some());
}
