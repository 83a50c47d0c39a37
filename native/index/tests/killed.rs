//! A real process is killed with SIGKILL while it writes. Every acknowledged batch is present, and only whole batches.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use chartly_index::{Changes, DatasetIndex, IndexOptions, Key};

const BATCH_KEYS: u64 = 500;
const KILLS: u64 = 12;

/// The folder, for the child process. Without it, the test is the parent.
const FOLDER: &str = "CHARTLY_INDEX_TEST_FOLDER";

fn batch(watermark: u64) -> Vec<Key> {
    let numbers = watermark * BATCH_KEYS..(watermark + 1) * BATCH_KEYS;
    numbers.map(|number| chartly_digest::digest(&number.to_be_bytes())).collect()
}

/// Return options with little memory, so that table files are written and merged during the kills.
fn options() -> IndexOptions {
    IndexOptions { cache_bytes: 1 << 20, memtable_bytes_max: 256 << 10, worker_threads: 1 }
}

/// The child applies batch after batch, rebuilds from scratch every fifth time, and prints each durable watermark.
#[test]
#[ignore = "the process that `acknowledged_batches_survive_sigkill` starts and kills"]
fn writer() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let index = DatasetIndex::open(Path::new(&folder), options()).expect("recovers");
    let mut watermark = index.watermark().expect("read").map_or(0, |held| held + 1);
    loop {
        let keys = batch(watermark);
        if watermark % 5 == 4 {
            let mut rebuild = index.rebuild().expect("begun");
            for past in 0..=watermark {
                let keys = batch(past);
                rebuild.add(&keys, &keys).expect("added");
            }
            rebuild.finish(watermark).expect("finished");
        } else {
            let changes = Changes { keys: &keys, records: &keys, removed: &[] };
            index.apply(changes, watermark).expect("applied");
        }
        // The parent reads lines with this start; the test runner prints others around them.
        let mut out = std::io::stdout().lock();
        writeln!(out, "\ndurable {watermark}").and_then(|()| out.flush()).expect("the parent listens");
        watermark += 1;
    }
}

/// After each of a dozen kills the index has every acknowledged batch, at most one more, and no part of any other.
#[test]
fn acknowledged_batches_survive_sigkill() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = None;
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--ignored", "--exact", "writer", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the writer starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut printed = lines
            .by_ref()
            .filter_map(|line| line.expect("text").strip_prefix("durable ").and_then(|text| text.parse::<u64>().ok()));
        for _ in 0..=kill % 7 {
            acknowledged = Some(printed.next().expect("the writer lives until it is killed"));
        }
        // The kill comes at a different moment of the next batch or rebuild each time.
        std::thread::sleep(std::time::Duration::from_micros(kill * 700));
        child.kill().expect("killed");
        child.wait().expect("reaped");
        // Watermarks that it printed between the last line that was read and its end were acknowledged too.
        acknowledged = printed.last().or(acknowledged);
        check(folder.path(), acknowledged.expect("at least one batch"));
    }
}

fn check(folder: &Path, acknowledged: u64) {
    let index = DatasetIndex::open(folder, options()).expect("recovers");
    let watermark = index.watermark().expect("read").expect("a batch was acknowledged");
    assert!(
        (acknowledged..=acknowledged + 1).contains(&watermark),
        "at {watermark}, though {acknowledged} was acknowledged"
    );
    for past in 0..=watermark {
        let keys = batch(past);
        let held = index.probe(&keys).expect("probed");
        assert!(held.iter().zip(&keys).all(|(held, key)| *held == Some(*key)), "batch {past} is not whole");
    }
    let keys = index.count().expect("counted");
    assert_eq!(keys, (watermark + 1) * BATCH_KEYS, "a part of a later batch is there");
}
