//! The reference page agrees with the ops' definitions.

use chartly_transform::{DEFINITIONS, Expected, Failure, reference};

/// The page in the repository equals the generated page.
#[test]
fn the_page_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/transforms.md");
    let page = std::fs::read_to_string(path).expect("the page");
    assert!(page == reference::page(), "run `cargo run -p chartly-transform --example reference` in native/");
}

/// An example shows every rule of a failure.
#[test]
fn every_failure_has_an_example() {
    let shown = |failure: Failure| {
        let mut examples = DEFINITIONS.iter().flat_map(|definition| definition.examples);
        examples.any(|example| matches!(example.expected, Expected::Failure(other) if other == failure))
    };
    // A result out of bounds needs a megabyte of text; tests/bounds.rs makes it.
    let missing: Vec<_> =
        Failure::ALL.iter().filter(|failure| **failure != Failure::TooLarge && !shown(**failure)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
