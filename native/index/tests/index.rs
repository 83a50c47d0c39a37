//! The behaviour of an index without crashes.

use std::fs;
use std::path::Path;

use chartly_index::{Changes, DatasetIndex, IndexError, IndexOptions, Key};

fn keys(numbers: impl IntoIterator<Item = u32>) -> Vec<Key> {
    numbers.into_iter().map(|number| chartly_digest::digest(&number.to_be_bytes())).collect()
}

/// Return options with little memory, so that a few thousand keys are written to table files.
fn options() -> IndexOptions {
    IndexOptions { cache_bytes: 1 << 20, memtable_bytes_max: 256 << 10, worker_threads: 1 }
}

fn open(path: &Path) -> DatasetIndex {
    DatasetIndex::open(path, options()).expect("the index opens")
}

fn upsert<'c>(keys: &'c [Key], records: &'c [Key]) -> Changes<'c> {
    Changes { keys, records, removed: &[] }
}

/// A key has the record of the last batch that named it; an unknown or removed key has none.
#[test]
fn probes_what_was_applied() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = open(folder.path());
    let (held, other) = (keys(0..10), keys(100..110));
    index.apply(upsert(&held, &held), 1).expect("applied");
    index.apply(upsert(&held[..5], &other[..5]), 2).expect("applied");
    let removed = Changes { removed: &held[8..], ..Changes::default() };
    index.apply(removed, 3).expect("applied");
    let found = index.probe(&[&held[..], &other[..]].concat()).expect("probed");
    let want = other[..5].iter().chain(&held[5..8]).map(|record| Some(*record));
    let want: Vec<_> = want.chain([None; 12]).collect();
    assert_eq!(found, want);
    assert_eq!(index.count().expect("counted"), 8);
}

/// Keys and watermark are present after reopening.
#[test]
fn survives_reopening() {
    let folder = tempfile::tempdir().expect("a folder");
    let some = keys(0..1000);
    open(folder.path()).apply(upsert(&some, &some), 7).expect("applied");
    let index = open(folder.path());
    assert_eq!(index.watermark().expect("read"), Some(7));
    assert_eq!(index.count().expect("counted"), 1000);
}

/// A batch for an older commit is refused and changes nothing; one for the same commit is applied.
#[test]
fn refuses_an_older_watermark() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = open(folder.path());
    let some = keys(0..4);
    index.apply(upsert(&some[..1], &some[..1]), 5).expect("applied");
    let refused = index.apply(upsert(&some[1..2], &some[1..2]), 4);
    assert!(matches!(refused, Err(IndexError::Stale { held: 5, given: 4, .. })));
    index.apply(upsert(&some[2..3], &some[2..3]), 5).expect("applied");
    assert_eq!(index.count().expect("counted"), 2);
    assert!(matches!(index.apply(upsert(&some, &[]), 6), Err(IndexError::Lengths { keys: 4, records: 0 })));
}

/// A rebuild is invisible before it ends, then replaces everything; an abandoned one leaves the index unchanged, also
/// after reopening.
#[test]
fn rebuilds_beside_the_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let (old, new) = (keys(0..10), keys(100..150));
    {
        let index = open(folder.path());
        index.apply(upsert(&old, &old), 3).expect("applied");
        let mut given_up = index.rebuild().expect("begun");
        given_up.add(&new, &new).expect("added");
        assert_eq!(index.count().expect("counted"), 10);
        drop(given_up);
    }
    {
        let index = open(folder.path());
        assert_eq!((index.count().expect("counted"), index.watermark().expect("read")), (10, Some(3)));
        let mut rebuild = index.rebuild().expect("begun");
        rebuild.add(&new[..20], &new[..20]).expect("added");
        rebuild.add(&new[20..], &new[20..]).expect("added");
        rebuild.finish(8).expect("finished");
        assert_eq!((index.count().expect("counted"), index.watermark().expect("read")), (50, Some(8)));
    }
    let index = open(folder.path());
    assert_eq!((index.count().expect("counted"), index.watermark().expect("read")), (50, Some(8)));
    index.clear().expect("cleared");
    assert_eq!((index.count().expect("counted"), index.watermark().expect("read")), (0, None));
}

/// Opening the folder a second time fails as locked, not as damaged.
#[test]
fn one_process_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let _first = open(folder.path());
    let second = DatasetIndex::open(folder.path(), options());
    assert!(matches!(second, Err(IndexError::Locked { .. })));
}

/// Damage to any file is an error at opening or reading, or has no effect; it never gives a wrong result.
#[test]
fn damage_is_detected() {
    let folder = tempfile::tempdir().expect("a folder");
    let some = keys(0..8_000);
    {
        let index = open(folder.path());
        for (chunk, watermark) in some.chunks(2_000).zip(1..) {
            index.apply(upsert(chunk, chunk), watermark).expect("applied");
        }
    }
    let mut files = Vec::new();
    list(folder.path(), &mut files);
    let (mut noticed, mut behind) = (0, 0);
    let damages: [fn(&Path); 3] = [
        |file| {
            let bytes = fs::read(file).expect("read");
            fs::write(file, &bytes[..bytes.len() / 2]).expect("cut short");
        },
        |file| {
            let mut bytes = fs::read(file).expect("read");
            bytes[0] ^= 0xff;
            fs::write(file, bytes).expect("a byte flipped");
        },
        |file| fs::remove_file(file).expect("removed"),
    ];
    for file in files.iter().filter(|file| file.metadata().is_ok_and(|meta| meta.len() > 0)) {
        for damage in damages {
            let copy = tempfile::tempdir().expect("a folder");
            copy_tree(folder.path(), copy.path());
            let file = copy.path().join(file.strip_prefix(folder.path()).expect("a file of the store"));
            damage(&file);
            match outcome(copy.path(), &some) {
                Ok(Some(4)) => {}
                Ok(_) => behind += 1,
                Err(IndexError::Damaged { .. }) => noticed += 1,
                Err(other) => panic!("{}: {other}", file.display()),
            }
        }
    }
    assert!(noticed > 0, "no file's loss was noticed");
    assert!(noticed + behind >= 2, "{noticed} damaged, {behind} behind of {} files", files.len());
}

/// Open the index and read everything: the watermark, and every key up to it.
fn outcome(path: &Path, all: &[Key]) -> Result<Option<u64>, IndexError> {
    let index = DatasetIndex::open(path, options())?;
    let watermark = index.watermark()?;
    let promised = usize::try_from(watermark.unwrap_or(0)).expect("small") * 2_000;
    let held = index.probe(&all[..promised])?;
    let wrong = held.iter().zip(all).filter(|(held, key)| **held != Some(**key)).count();
    assert_eq!(wrong, 0, "keys below watermark {watermark:?} are lost in silence");
    Ok(watermark)
}

fn list(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("made");
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
