//! The short run: every target with its seeds, its corpus, its regressions, and mutations of them all.
//! `CHARTLY_FUZZ_INPUTS` is the number of mutations of each target, `CHARTLY_FUZZ_SEED` their seed.

use std::path::{Path, PathBuf};

use chartly_fuzz::{TARGETS, mutate, target};

/// The default number of mutations of each target: some seconds in all.
const INPUTS: u64 = 2000;

/// Return the files of one target's folder, in the order of their names.
fn files(folder: &str, name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("a readable file"))).collect()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number")))
}

fn run(name: &str) {
    let target = target(name).expect("a target");
    let mut seeds = (target.seeds)();
    for (path, input) in files("regressions", name).into_iter().chain(files("corpus", name)) {
        eprintln!("{}", path.display());
        (target.check)(&input);
        seeds.push(input);
    }
    for seed in &seeds {
        (target.check)(seed);
    }
    let (inputs, seed) = (number("CHARTLY_FUZZ_INPUTS").unwrap_or(INPUTS), number("CHARTLY_FUZZ_SEED").unwrap_or(1));
    mutate::mutate(&seeds, inputs, seed, target.check);
}

/// Parser, checker, another parser and all kernels of the scan agree.
#[test]
fn parse() {
    run("parse");
}

/// Queries evaluate within their bound, and both engines select the same.
#[test]
fn path() {
    run("path");
}

/// Canonical bytes are canonical and mean the same.
#[test]
fn canonical() {
    run("canonical");
}

/// Fused checks and complete validation agree.
#[test]
fn contract() {
    run("contract");
}

/// Formats and patterns accept any text.
#[test]
fn texts() {
    run("texts");
}

/// Ops keep their promises, the same in both engines.
#[test]
fn transforms() {
    run("transforms");
}

/// Both engines give the same bytes, reasons, places and columns.
#[test]
fn plan() {
    run("plan");
}

/// Every target has a corpus, and every folder of inputs a target.
#[test]
fn folders_are_the_targets() {
    for folder in ["corpus", "regressions"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("the folder") {
            let name = entry.expect("an entry").file_name();
            assert!(target(&name.to_string_lossy()).is_some(), "{folder}/{} is of no target", name.display());
        }
    }
    for target in TARGETS {
        assert!(!files("corpus", target.name).is_empty(), "{} has a corpus", target.name);
    }
}
