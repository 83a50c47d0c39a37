//! Parser, checker, another parser and every kernel of the scan agree, and numbers survive when they should.

use chartly_json::number::{Exact, nearest, shortest, surviving};
use chartly_json::scan::{Kernel, Tokens, scan_lines, scan_text};
use chartly_json::{Limits, ParseError, Value, parse, parse_check};

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    crate::parts::owned(&[
        r#"{"id":"a\u00e9\ud83d\ude00","n":[1,-2.5e-3,9007199254740993,1e21],"o":{"t":true,"f":false,"z":null}}"#,
        "{\"a\":1}\n{\"b\":[{}, \"x\\n\\\\\\\"\"]}\r\n\n[1e400, -0, 0.1e-400]",
        "\"\u{fffe}\u{10ffff}é\u{7f}\"",
        "{\"long\":\"a string of more than sixty-four bytes, so that it goes over the end of a block, and then some more\"}",
    ])
}

pub(crate) fn check(input: &[u8]) {
    let parsed = parse(input, Limits::WIDEST);
    kernels_agree(input, parsed.is_ok());
    if matches!(parsed, Err(ParseError::DepthExceeded { .. })) {
        // A tree has a greatest depth, the checker has none.
        return;
    }
    assert_eq!(parsed.is_ok(), parse_check(input).is_ok(), "parser and checker");
    match serde_json::from_slice::<serde_json::Value>(input) {
        // Beyond a double, and beyond its depth of 128, only serde_json refuses.
        Err(error) if error.to_string().contains("out of range") || error.to_string().contains("recursion") => {}
        theirs => assert_eq!(parsed.is_ok(), theirs.is_ok(), "parser and serde_json"),
    }
    if let Ok(root) = parsed {
        // Equality of values with repeated keys is undefined; callers refuse them before.
        if root.first_duplicate_deep().is_none() {
            assert!(root.value.equals(&root.value.clone().into_owned()), "a tree equals its copy");
        }
        check_numbers(&root.value);
    }
}

/// Every kernel finds the same tokens, no suspects in strict JSON, and a suspect where UTF-8 is invalid.
fn kernels_agree(input: &[u8], is_sound: bool) {
    // Control characters look like operators to a nibble table; outside of strings they are errors in any case.
    let has_control = input.iter().any(|byte| *byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t'));
    let is_utf8 = std::str::from_utf8(input).is_ok();
    for (scan, is_text) in [(scan_lines as fn(&[u8], &mut Tokens), false), (scan_text, true)] {
        let mut expected = Tokens::on(Kernel::Portable);
        scan(input, &mut expected);
        for kernel in [Kernel::Portable, Kernel::Avx2, Kernel::Avx512] {
            let mut tokens = Tokens::on(kernel);
            scan(input, &mut tokens);
            let suspects = tokens.suspects();
            assert!(!(is_sound && is_text) || suspects.is_empty(), "{kernel:?} suspects strict JSON: {suspects:?}");
            assert!(is_utf8 || !suspects.is_empty(), "{kernel:?} takes what is not UTF-8");
            if !has_control {
                assert_eq!(tokens.positions(), expected.positions(), "{kernel:?}");
                assert_eq!(tokens.kinds(), expected.kinds(), "{kernel:?}");
            }
        }
    }
}

/// A number survives exactly if it equals the decimal that is written for its nearest double.
fn check_numbers(value: &Value<'_>) {
    match value {
        Value::Number(text) => {
            let survives = nearest(text).is_ok_and(|double| shortest(double).exact() == Exact::new(text));
            assert_eq!(surviving(text).is_ok(), survives, "{text}");
        }
        Value::Array(elements) => elements.iter().for_each(|element| check_numbers(&element.value)),
        Value::Object(object) => object.members().iter().for_each(|member| check_numbers(&member.node.value)),
        _ => {}
    }
}
