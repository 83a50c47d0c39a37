//! The fuzz targets of the core: for each, one function that checks any bytes, and seeds to start from.
//!
//! A target fails by panicking. The coverage-guided fuzzer (`guided`) and the short run of the tests call the same
//! functions. Inputs that either finds are kept under `regressions/`.
//!
//! Inputs of several parts are lines of JSON, so that a corpus is readable and a regression can be written by hand.

mod canonical;
mod contract;
mod engines;
pub mod mutate;
mod parse;
mod parts;
mod path;
mod plan;
mod texts;
mod transforms;

/// A fuzz target.
pub struct Target {
    /// The name of its folders under `corpus/` and `regressions/`.
    pub name: &'static str,
    /// Panics when the input shows a defect. Any bytes are an input.
    pub check: fn(&[u8]),
    /// Inputs that reach most of the code.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "parse", check: parse::check, seeds: parse::seeds },
    Target { name: "path", check: path::check, seeds: path::seeds },
    Target { name: "canonical", check: canonical::check, seeds: canonical::seeds },
    Target { name: "contract", check: contract::check, seeds: contract::seeds },
    Target { name: "texts", check: texts::check, seeds: texts::seeds },
    Target { name: "transforms", check: transforms::check, seeds: transforms::seeds },
    Target { name: "plan", check: plan::check, seeds: plan::seeds },
];

/// The longest input that a target checks: longer ones cost time and reach nothing more.
pub const INPUT_BYTES_MAX: usize = 4096;

/// Return the target of a name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
