//! The location of the public conformance suites, and a warning when they are missing. They are data outside the
//! repository.

use std::io::Write;
use std::path::PathBuf;

/// Return the folder of one suite: `$CHARTLY_SUITES/<name>`, or `../shared/suites/<name>` beside the repository.
///
/// Return `None` when it is missing. Standard error then names the skipped test, past the test harness's capture. With
/// `CI` set, a missing suite fails the test.
pub fn suite(name: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/suites");
    let root = std::env::var_os("CHARTLY_SUITES").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let folder = root.join(name);
    if folder.exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "CI must have the suite {}", folder.display());
    let _ = writeln!(std::io::stderr(), "SKIPPED: 1 suite, {} is absent", folder.display());
    None
}
