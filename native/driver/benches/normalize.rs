//! Measure a run over files without Python. `bench/instructions.py` runs this program under callgrind.
//!
//! `cargo bench -p chartly-driver -- PROFILE.json CONTRACT.json INPUT OUT ndjson|parquet|both|none THREADS [REPEATS]`

use std::path::{Path, PathBuf};

use chartly_driver::{Format, Input, Options, normalize};
use chartly_plan::Plan;

/// The same allocator as in the Python module.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    const { assert!(!cfg!(debug_assertions), "a debug build measures nothing") };
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [profile, contract, input, out, format, threads, repeats @ ..] = arguments.as_slice() else {
        println!("profile, contract, input, out, format and threads are needed: nothing measured");
        return;
    };
    let plan = Plan::compile(&read(profile), &read(contract)).expect("the plan compiles");
    let format = match format.as_str() {
        "ndjson" => Format::Ndjson,
        "parquet" => Format::Parquet,
        "both" => Format::Both,
        _ => Format::Nothing,
    };
    let mut options = Options::new(Input::File(PathBuf::from(input)), PathBuf::from(out), format);
    options.threads = threads.parse().expect("a number of threads");
    for _ in 0..repeats.first().map_or(1, |text| text.parse().expect("a number of repeats")) {
        let stats = normalize(&plan, &options).expect("the run ends");
        println!(
            "{{\"records\":{},\"accepted\":{},\"cpu_seconds\":{:.4},\"wall_seconds\":{:.4}}}",
            stats.counts.records, stats.counts.accepted, stats.cpu_seconds, stats.wall_seconds
        );
    }
}

fn read(path: impl AsRef<Path>) -> serde_json::Value {
    let text = std::fs::read(path).expect("the document is there");
    serde_json::from_slice(&text).expect("the document is JSON")
}
