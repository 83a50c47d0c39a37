//! The coverage-guided fuzzer for the target that `CHARTLY_FUZZ_TARGET` names. README.md says how to build and run it.

#![no_main]

use std::sync::LazyLock;

use chartly_fuzz::{INPUT_BYTES_MAX, TARGETS, Target, target};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("CHARTLY_FUZZ_TARGET").unwrap_or_default();
    let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    target(&name).unwrap_or_else(|| panic!("CHARTLY_FUZZ_TARGET must be one of {}", known.join(", ")))
});

fuzz_target!(|input: &[u8]| {
    if input.len() <= INPUT_BYTES_MAX {
        (TARGET.check)(input);
    }
});
