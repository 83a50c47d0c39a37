//! Measure whether a synced batch of 10,000 random keys costs the same in a large index as in a small one, and what the
//! content hash costs a record.
//!
//! `cargo bench -p chartly-index -- [KEYS]` (default 1,000,000). Prints the time to probe and to apply new keys, after
//! each tenth of the keys.

use std::time::Instant;

use chartly_index::{Changes, ContentHash, DatasetIndex, IndexOptions, Key};

const BATCH_KEYS: u64 = 10_000;

fn main() {
    const { assert!(!cfg!(debug_assertions), "a debug build measures nothing") };
    let total: u64 = std::env::args().nth(1).and_then(|keys| keys.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().expect("a folder for the index");
    let index = DatasetIndex::open(folder.path(), IndexOptions::default()).expect("an empty index");
    let batches = total / BATCH_KEYS;
    let (mut probe_ms, mut apply_ms) = (Vec::new(), Vec::new());
    for batch in 0..batches {
        let keys: Vec<Key> = (0..BATCH_KEYS).map(|key| random_key(batch * BATCH_KEYS + key)).collect();
        let start = Instant::now();
        let held = index.probe(&keys).expect("a probe");
        probe_ms.push(start.elapsed().as_secs_f64() * 1e3);
        assert!(held.iter().all(Option::is_none));
        let start = Instant::now();
        let changes = Changes { keys: &keys, records: &keys, removed: &[] };
        index.apply(changes, batch).expect("a batch");
        apply_ms.push(start.elapsed().as_secs_f64() * 1e3);
        if (batch + 1) % (batches / 10).max(1) == 0 {
            println!(
                "{:>9} keys: probe {:.1} ms, apply {:.1} ms (medians), {} MB resident",
                (batch + 1) * BATCH_KEYS,
                median(&mut probe_ms),
                median(&mut apply_ms),
                resident_mb()
            );
            probe_ms.clear();
            apply_ms.clear();
        }
    }
    let keys: Vec<Key> = (0..BATCH_KEYS).map(random_key).collect();
    let start = Instant::now();
    let held = index.probe(&keys).expect("a probe");
    println!("probe of 10,000 held keys: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    assert!(held.iter().all(Option::is_some));
    let mut hash = ContentHash::default();
    let start = Instant::now();
    hash.add(keys.iter().zip(&keys));
    #[expect(clippy::cast_precision_loss, reason = "ten thousand")]
    let each_ns = start.elapsed().as_secs_f64() * 1e9 / BATCH_KEYS as f64;
    println!("content hash: {each_ns:.0} ns a record ({:?})", hash.digest()[0]);
}

fn random_key(number: u64) -> Key {
    chartly_digest::digest(&number.to_be_bytes())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1024
}
