//! The test data of RFC 8785's authors, and their number generator.

#[path = "../../json/tests/suites/mod.rs"]
mod suites;

use chartly_canonical::{CanonicalError, canonicalize, write_double};
use chartly_json::NumberError;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// Each input gives its output, byte for byte, and each output gives itself.
#[test]
fn agrees_with_the_test_data() {
    let Some(folder) = suites::suite("jcs/testdata") else { return };
    let mut cases = 0;
    for entry in std::fs::read_dir(folder.join("input")).expect("inputs") {
        let path = entry.expect("a file").path();
        let name = path.file_name().expect("a name");
        let input = std::fs::read(&path).expect("a readable file");
        let output = std::fs::read(folder.join("output").join(name)).expect("an output");
        let canonical = canonicalize(&input).expect("canonical bytes");
        assert_eq!(String::from_utf8_lossy(&canonical), String::from_utf8_lossy(&output), "{}", name.display());
        let hex = std::fs::read_to_string(folder.join("outhex").join(name).with_extension("txt")).expect("hex");
        let bytes: Result<Vec<u8>, _> = hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16)).collect();
        assert_eq!(Ok(&canonical), bytes.as_ref());
        assert_eq!(canonicalize(&output).as_ref(), Ok(&canonical));
        cases += 1;
    }
    assert!(cases >= 6, "the suite shrank to {cases} cases");
}

/// The first million lines of the number generator have the SHA-256 of its README.
#[test]
fn agrees_with_the_number_generator() {
    let Some(readme) = suites::suite("jcs/testdata/README.md") else { return };
    let readme = std::fs::read_to_string(readme).expect("a readable file");
    let mut checksums = checksums(&readme);
    let mut hash = Sha256::new();
    let mut line = Vec::new();
    for (index, double) in generated(&readme).take(1_000_000).enumerate() {
        line.clear();
        line.extend_from_slice(format!("{:x},", double.to_bits()).as_bytes());
        write_double(double, &mut line);
        line.push(b'\n');
        hash.update(&line);
        if let Some(expected) = checksums.remove(&(index + 1)) {
            assert_eq!(hex(&hash.clone().finalize()), expected, "after {} lines", index + 1);
        }
    }
    assert!(!checksums.contains_key(&1_000_000) && checksums.contains_key(&10_000_000), "the README has other rows");
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Return the README's table: checksums by the number of lines.
fn checksums(readme: &str) -> std::collections::BTreeMap<usize, String> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        Some((cells.get(2)?.parse().ok()?, (*cells.get(1)?).to_owned()))
    };
    readme.lines().filter_map(row).collect()
}

/// Return the generator's doubles: its list, 2,000 in a row from the smallest normal one, then those of SHA-256 chains.
fn generated(readme: &str) -> impl Iterator<Item = f64> {
    let listed = readme.split_once("BigUint64Array([").and_then(|(_, rest)| rest.split_once("])")).expect("a list").0;
    let listed: Vec<u64> = listed
        .split(',')
        .filter_map(|item| item.trim().strip_prefix("0x")?.strip_suffix('n'))
        .map(|digits| u64::from_str_radix(digits, 16).expect("hex"))
        .collect();
    let serial = (0..2_000).map(|offset| 0x0010_0000_0000_0000 + offset);
    let chain = std::iter::successors(Some([0_u8; 32]), |block| Some(Sha256::digest(block).into())).skip(1);
    let random = chain.flat_map(|block: [u8; 32]| {
        let word = move |index: usize| <[u8; 8]>::try_from(&block[index * 8..index * 8 + 8]).expect("eight bytes");
        (0..4).map(move |index| u64::from_le_bytes(word(index)))
    });
    let random = random.map(f64::from_bits).filter(|double| *double != 0.0 && double.is_finite());
    listed.into_iter().chain(serial).map(f64::from_bits).chain(random)
}

/// A document that RFC 8785 can't write is refused with its place.
#[test]
fn refuses_with_the_place() {
    assert_eq!(canonicalize(br#"{"a":1,"a":2}"#), Err(CanonicalError::DuplicateKey { offset: 7 }));
    assert_eq!(canonicalize(b"[1, 1e400]"), Err(CanonicalError::Number { offset: 4, error: NumberError::Overflow }));
    assert!(matches!(canonicalize(b"[1,]"), Err(CanonicalError::Parse(_))));
}

proptest! {
    /// Another parser reads the document's value from canonical bytes, and they are canonical.
    #[test]
    fn says_the_same(
        members in proptest::collection::btree_map(any::<String>(), (any::<f64>(), any::<String>(), any::<i32>()), 0..8)
    ) {
        let tuple = |(key, (double, text, integer))| (key, serde_json::json!([double, text, integer]));
        let document: serde_json::Map<String, serde_json::Value> = members.into_iter().map(tuple).collect();
        let text = serde_json::to_string(&document).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let canonical = canonicalize(text.as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let again: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&canonical).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(again.len(), document.len());
        for (key, value) in &document {
            let (ours, theirs) = (&again[key], value);
            prop_assert_eq!(&ours[1], &theirs[1]);
            prop_assert_eq!(ours[0].as_f64(), theirs[0].as_f64());
            prop_assert_eq!(ours[2].as_f64(), theirs[2].as_f64());
        }
        prop_assert_eq!(canonicalize(&canonical), Ok(canonical));
    }
}
