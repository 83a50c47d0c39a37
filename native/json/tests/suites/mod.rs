//! Where the public conformance suites are, and the loud word when they are not. They are data outside the repository.

use std::io::Write;
use std::path::PathBuf;

/// The folder of one suite: `$CHARTLY_SUITES/<name>`, or `../shared/suites/<name>` beside the repository.
///
/// `None` when it isn't there; then standard error says which test was skipped, past the test harness's capture. With
/// `CI` set, an absent suite fails the test instead.
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
