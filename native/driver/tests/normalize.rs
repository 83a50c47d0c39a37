//! A run over files gives the same bytes for any blocks and threads, and complete files or none.

use std::fs;
use std::path::{Path, PathBuf};

use chartly_driver::{
    ACCEPTED_NDJSON, ACCEPTED_PARQUET, DriverError, Format, Input, Options, REJECTED_NDJSON, Stats, normalize,
};
use chartly_plan::{Plan, RunOptions};
use serde_json::json;

fn plan(records_path: Option<&str>) -> Plan {
    let mut profile = json!({
        "canonicalEventType": "sales.event",
        "requiredFields": ["event_id", "amount"],
        "mapping": {"event_id": "$.id", "amount": "$.totals.amount", "note": "$.note"},
        "transforms": [{"op": "toNumber", "field": "amount"}],
    });
    if let Some(path) = records_path {
        profile["recordsPath"] = json!(path);
    }
    let contract = json!({
        "type": "object",
        "required": ["event_id", "amount", "type"],
        "properties": {
            "event_id": {"type": "string", "minLength": 1},
            "amount": {"type": "number", "minimum": 0},
            "note": {"type": "string"},
            "type": {"const": "sales.event"},
        },
    });
    Plan::compile(&profile, &contract).expect("the plan compiles")
}

fn record(number: usize) -> String {
    match number % 50 {
        7 => "{\"id\":\"broken\"".to_owned(),
        11 => format!("{{\"id\":\"{number}\",\"totals\":{{\"amount\":\"-1\"}}}}"),
        _ => format!(
            "{{\"id\":\"{number}\",\"totals\":{{\"amount\":\"{number}.5\"}},\"note\":\"{}\"}}",
            "n".repeat(number % 70)
        ),
    }
}

/// Return some megabytes, so that every format has several blocks.
fn lines(records: usize) -> String {
    let mut text = String::new();
    for number in 0..records {
        text += &record(number);
        text += if number % 97 == 3 { "\r\n \n" } else { "\n" };
    }
    text.pop();
    text
}

fn run(plan: &Plan, folder: &Path, input: &str, format: Format, threads: usize) -> Result<Stats, DriverError> {
    fs::create_dir_all(folder).expect("a folder");
    let path = folder.join("input");
    fs::write(&path, input).expect("written");
    let mut options = Options::new(Input::File(path), folder.join("out"), format);
    options.threads = threads;
    normalize(plan, &options)
}

fn file(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join("out").join(name)).expect("the file is there")
}

/// Return the plan's results for the input in one piece, as the files should have them.
fn expected(plan: &Plan, input: &str) -> (Vec<u8>, Vec<u8>) {
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for output in plan.run(input.as_bytes(), 1, RunOptions::default()) {
        accepted.extend_from_slice(output.accepted_ndjson());
        output.write_rejected_ndjson(&mut rejected);
    }
    (accepted, rejected)
}

/// The files hold the plan's results in memory, on one thread and on many, in every format.
#[test]
fn files_hold_what_the_plan_gives() {
    let (plan, input) = (plan(None), lines(60_000));
    let (accepted, rejected) = expected(&plan, &input);
    assert!(input.len() > 4 << 20 && !rejected.is_empty());
    for (format, threads) in
        [(Format::Ndjson, 1), (Format::Ndjson, 2), (Format::Ndjson, 5), (Format::Both, 1), (Format::Both, 3)]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let stats = run(&plan, folder.path(), &input, format, threads).expect("the run ends");
        assert!(file(folder.path(), ACCEPTED_NDJSON) == accepted, "{format:?} on {threads} threads");
        assert!(file(folder.path(), REJECTED_NDJSON) == rejected, "{format:?} on {threads} threads");
        assert_eq!(stats.counts.records, 60_000);
        assert_eq!(stats.counts.blank_lines, 60_000_u64.div_ceil(97));
        assert_eq!(stats.counts.bytes, input.len() as u64);
        assert_eq!(stats.threads, threads);
    }
}

/// The Parquet file is the same, byte for byte, on one thread and on many, and holds every accepted record.
#[test]
fn parquet_does_not_depend_on_threads() {
    let (plan, input) = (plan(None), lines(150_000));
    let folders: Vec<_> = [1, 2, 4]
        .into_iter()
        .map(|threads| {
            let folder = tempfile::tempdir().expect("a folder");
            let stats = run(&plan, folder.path(), &input, Format::Parquet, threads).expect("the run ends");
            assert!(!folder.path().join("out").join(ACCEPTED_NDJSON).exists());
            (folder, stats)
        })
        .collect();
    let files: Vec<_> = folders.iter().map(|(folder, _)| file(folder.path(), ACCEPTED_PARQUET)).collect();
    assert!(files[0] == files[1] && files[0] == files[2]);
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
        fs::File::open(folders[0].0.path().join("out").join(ACCEPTED_PARQUET)).expect("the file is there"),
    )
    .expect("Parquet");
    assert!(reader.metadata().num_row_groups() > 1, "row groups are bounded");
    let rows: usize = reader.build().expect("readable").map(|batch| batch.expect("a batch").num_rows()).sum();
    assert_eq!(rows as u64, folders[0].1.counts.accepted);
}

/// The records of an array, and of a page with a records path, are its elements.
#[test]
fn pages_are_run_by_element() {
    let records: Vec<_> = (0..30_000).filter(|number| number % 50 != 7).map(record).collect();
    let array = format!("[{}]", records.join(",\n"));
    let page = format!("{{\"next\":null,\"data\":{array}}}");
    for (plan, input) in [(plan(None), &array), (plan(Some("$.data")), &page)] {
        let (accepted, rejected) = expected(&plan, input);
        for threads in [1, 3] {
            let folder = tempfile::tempdir().expect("a folder");
            let stats = run(&plan, folder.path(), input, Format::Ndjson, threads).expect("the run ends");
            assert_eq!((stats.counts.records, stats.counts.bytes), (records.len() as u64, input.len() as u64));
            assert!(
                file(folder.path(), ACCEPTED_NDJSON) == accepted && file(folder.path(), REJECTED_NDJSON) == rejected
            );
        }
    }
}

/// A page's files don't depend on threads, on a short or long pipe, or on exploding records.
#[test]
fn pages_do_not_depend_on_threads_or_pipes() {
    let records: Vec<_> = (0..20_000).filter(|number| number % 50 != 7).map(record).collect();
    // Long enough for several row groups with not too many records.
    let unmapped = format!("{{\"unmapped\":\"{}\",", "u".repeat(400));
    let long: Vec<_> = records.iter().map(|record| record.replacen('{', &unmapped, 1)).collect();
    let page = format!("{{\"next\":{{\"data\":[0]}},\"data\":[{}],\"rest\":[1,2]}}", long.join(" ,\n"));
    assert!(page.len() > 8 << 20, "several row groups");
    compare(&plan(Some("$.data")), &page, Format::Both, &[(1, None), (3, None), (2, Some(100))]);
    let page = format!("[{}]", records[..5000].join(","));
    compare(&exploding(), &page, Format::Both, &[(1, None), (3, None), (1, Some(100)), (2, Some(100 << 20))]);
}

fn exploding() -> Plan {
    let profile = json!({
        "canonicalEventType": "sales.event",
        "mapping": {"event_id": "$.id", "amount": "@.amount"},
        "explode": "$.totals",
    });
    Plan::compile(&profile, &json!({"properties": {"amount": {"type": "string"}}})).expect("the plan compiles")
}

/// Run a page on several numbers of threads, from a file or through a pipe with a bound on held bytes, and compare the
/// files with those of the first run.
fn compare(plan: &Plan, page: &str, format: Format, ways: &[(usize, Option<u64>)]) {
    let (accepted, rejected) = expected(plan, page);
    let mut parquet = None;
    for (threads, held_bytes_max) in ways {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = Options::new(Input::File(folder.path().join("input")), folder.path().join("out"), format);
        options.threads = *threads;
        let stats = match held_bytes_max {
            None => run(plan, folder.path(), page, format, *threads),
            Some(bytes) => {
                options.page_held_bytes_max = *bytes;
                through_pipe(plan, page, &options)
            }
        };
        assert_eq!(
            stats.expect("the run ends").counts.bytes,
            page.len() as u64,
            "{threads} threads, {held_bytes_max:?}"
        );
        assert!(file(folder.path(), ACCEPTED_NDJSON) == accepted && file(folder.path(), REJECTED_NDJSON) == rejected);
        let columns = file(folder.path(), ACCEPTED_PARQUET);
        assert!(*parquet.get_or_insert_with(|| columns.clone()) == columns, "{threads} threads, {held_bytes_max:?}");
        assert_eq!(fs::read_dir(folder.path().join("out")).expect("a folder").count(), 3, "nothing else is left");
    }
}

/// Run an input that is written into a named pipe.
fn through_pipe(plan: &Plan, input: &str, options: &Options) -> Result<Stats, DriverError> {
    let Input::File(path) = &options.input else { panic!("a named pipe") };
    let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo is there");
    assert!(made.success());
    std::thread::scope(|scope| {
        // A run that stops early closes its end of the pipe.
        scope.spawn(|| fs::write(path, input).ok());
        normalize(plan, options)
    })
}

/// A malformed or too long page from a pipe gives the same result as from a file, and leaves no files.
#[test]
fn pages_from_pipes_give_the_same_results() {
    let plan = plan(Some("$.data"));
    let broken = format!("{{\"data\":[{}}}", vec![record(1); 2000].join(","));
    for held_bytes_max in [1000, 1 << 20] {
        let folder = tempfile::tempdir().expect("a folder");
        let input = Input::File(folder.path().join("pipe"));
        let mut options = Options::new(input, folder.path().join("out"), Format::Ndjson);
        options.page_held_bytes_max = held_bytes_max;
        let stats = through_pipe(&plan, &broken, &options).expect("the run ends");
        assert_eq!((stats.counts.records, stats.counts.rejected, stats.counts.bytes), (1, 1, broken.len() as u64));
        assert!(file(folder.path(), ACCEPTED_NDJSON).is_empty());
        fs::remove_file(folder.path().join("pipe")).expect("the pipe");
        options.page_bytes_max = 50_000;
        let refused = through_pipe(&plan, &broken, &options);
        assert!(matches!(refused, Err(DriverError::PageTooLarge { bytes_max: 50_000, .. })));
        assert_eq!(fs::read_dir(folder.path().join("out")).expect("a folder").count(), 2, "nothing else is left");
    }
}

/// A malformed page is one rejected record; an empty array has none.
#[test]
fn malformed_and_empty_pages() {
    let (plan, folder) = (plan(None), tempfile::tempdir().expect("a folder"));
    let stats = run(&plan, folder.path(), "[{\"id\":1}", Format::Ndjson, 2).expect("the run ends");
    assert_eq!((stats.counts.records, stats.counts.rejected), (1, 1));
    assert!(file(folder.path(), REJECTED_NDJSON).starts_with(b"{\"line\":1,\"offset\":0,\"length\":9,\"reasons\":[{"));
    let stats = run(&plan, folder.path(), "[]", Format::Both, 2).expect("the run ends");
    assert_eq!((stats.counts.records, stats.counts.bytes), (0, 2));
}

/// The results of a page that is malformed near its end are dropped, on one thread and on many.
#[test]
fn a_page_that_is_malformed_late_writes_no_records() {
    let plan = plan(None);
    let records: Vec<_> = (0..30_000).map(record).collect();
    let page = format!("[{}}}", records.join(","));
    for (threads, format) in [(1, Format::Ndjson), (1, Format::Both), (3, Format::Ndjson)] {
        let folder = tempfile::tempdir().expect("a folder");
        let stats = run(&plan, folder.path(), &page, format, threads).expect("the run ends");
        assert_eq!((stats.counts.records, stats.counts.rejected, stats.counts.bytes), (1, 1, page.len() as u64));
        assert!(file(folder.path(), ACCEPTED_NDJSON).is_empty());
        assert_eq!(file(folder.path(), REJECTED_NDJSON).split_inclusive(|byte| *byte == b'\n').count(), 1);
    }
}

/// An empty input gives empty files.
#[test]
fn an_empty_input_gives_empty_files() {
    let (plan, folder) = (plan(None), tempfile::tempdir().expect("a folder"));
    let stats = run(&plan, folder.path(), "", Format::Both, 3).expect("the run ends");
    assert_eq!(stats.counts.records, 0);
    assert_eq!((file(folder.path(), ACCEPTED_NDJSON), file(folder.path(), REJECTED_NDJSON)), (vec![], vec![]));
    assert!(file(folder.path(), ACCEPTED_PARQUET).ends_with(b"PAR1"));
}

/// A failed run leaves no file, and does not change those of an earlier run.
#[test]
fn a_failed_run_leaves_no_files() {
    let (plan, folder) = (plan(Some("$")), tempfile::tempdir().expect("a folder"));
    run(&plan, folder.path(), &record(1), Format::Both, 1).expect("the run ends");
    let before = [ACCEPTED_NDJSON, REJECTED_NDJSON, ACCEPTED_PARQUET].map(|name| file(folder.path(), name));
    let mut options = Options::new(Input::File(folder.path().join("input")), folder.path().join("out"), Format::Both);
    options.page_bytes_max = 10;
    assert!(matches!(normalize(&plan, &options), Err(DriverError::PageTooLarge { bytes_max: 10, .. })));
    // The page is valid up to the limit, and still refused.
    fs::write(folder.path().join("input"), record(1) + &" ".repeat(100)).expect("written");
    options.page_bytes_max = record(1).len() as u64 + 50;
    assert!(matches!(normalize(&plan, &options), Err(DriverError::PageTooLarge { .. })));
    options.input = Input::File(PathBuf::from("/nowhere"));
    assert!(matches!(normalize(&plan, &options), Err(DriverError::Input { .. })));
    let after = [ACCEPTED_NDJSON, REJECTED_NDJSON, ACCEPTED_PARQUET].map(|name| file(folder.path(), name));
    assert!(before == after);
    let left = fs::read_dir(folder.path().join("out")).expect("a folder").count();
    assert_eq!(left, 3, "partial files are gone");
}

/// A folder that cannot be created is an output error that names the folder.
#[test]
fn an_unusable_folder_is_named() {
    let (plan, folder) = (plan(None), tempfile::tempdir().expect("a folder"));
    fs::write(folder.path().join("out"), "a file").expect("written");
    let refused = run(&plan, folder.path(), "{}", Format::Ndjson, 1);
    assert!(matches!(refused, Err(DriverError::Output { path, .. }) if path.ends_with("out")));
}

/// Without files, a run only counts.
#[test]
fn no_format_writes_nothing() {
    let (plan, folder) = (plan(None), tempfile::tempdir().expect("a folder"));
    let stats = run(&plan, folder.path(), &lines(100), Format::Nothing, 2).expect("the run ends");
    assert_eq!((stats.counts.records, stats.counts.accepted), (100, 96));
    assert!(!folder.path().join("out").exists());
}

/// A stopped run leaves no file.
#[test]
fn a_stopped_run_leaves_no_files() {
    let (plan, folder) = (plan(None), tempfile::tempdir().expect("a folder"));
    fs::write(folder.path().join("input"), lines(1000)).expect("written");
    let options = Options::new(Input::File(folder.path().join("input")), folder.path().join("out"), Format::Both);
    options.cancel.cancel();
    assert!(matches!(normalize(&plan, &options), Err(DriverError::Cancelled)));
    assert_eq!(fs::read_dir(folder.path().join("out")).expect("a folder").count(), 0);
}

/// A line over the record limit is one rejected record with its length, and the records around it run.
#[test]
fn an_oversized_line_is_rejected_by_its_length() {
    let (plan, folder) = (plan(None), tempfile::tempdir().expect("a folder"));
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(5 << 20));
    let input = format!("{}\r\n{long}\r\n{}\n", record(1), record(2));
    let (accepted, rejected) = expected(&plan, &input);
    let stats = run(&plan, folder.path(), &input, Format::Ndjson, 2).expect("the run ends");
    assert_eq!((stats.counts.records, stats.counts.accepted, stats.counts.bytes), (3, 2, input.len() as u64));
    assert!(file(folder.path(), ACCEPTED_NDJSON) == accepted);
    let text = String::from_utf8(rejected.clone()).expect("text");
    assert!(text.contains(&format!("\"line\":2,\"offset\":{},\"length\":{},", record(1).len() + 2, long.len())));
    assert_eq!(file(folder.path(), REJECTED_NDJSON), rejected);
}
