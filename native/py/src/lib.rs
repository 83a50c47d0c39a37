//! The Python binding: extract, release the GIL, call, wrap.
//!
//! Each function is in its own file. It extracts Python's arguments, lets other Python threads run, calls an engine
//! crate and wraps the result. `chartly.native` (`services/chartly/native`) is the typed public interface of this
//! module.
#![allow(
    clippy::needless_pass_by_value,
    clippy::elidable_lifetime_names,
    clippy::redundant_closure_for_method_calls,
    reason = "pyo3 hands a function's arguments over by value, and its lifetimes are not general enough for what clippy proposes"
)]

mod buffer;
mod canonicalize;
mod content_hash;
mod contract;
mod dedupe;
mod dedupe_index;
mod digest;
mod document;
mod error;
mod keys;
mod outcome;
mod parse_check;
mod plan;
mod query;
mod run_files;
mod value;

use pyo3::prelude::{Bound, PyModule, PyModuleMethods, PyResult, pymodule};
use pyo3::wrap_pyfunction;

/// The allocator of this module only; Python and other modules keep theirs. Column buffers of megabytes are allocated
/// often, and glibc returns each to the kernel: without those page faults a run with columns takes a tenth less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("IS_RELEASE", cfg!(not(debug_assertions)))?;
    module.add("SCAN_PATH", chartly_json::scan::Kernel::detected().name())?;
    module.add("DIGEST_PATH", chartly_digest::Path::detected().name())?;
    module.add_class::<content_hash::ContentHash>()?;
    module.add_class::<contract::Contract>()?;
    module.add_class::<contract::Violation>()?;
    module.add_class::<dedupe::Deduped>()?;
    module.add_class::<dedupe_index::DedupeIndex>()?;
    module.add_class::<dedupe_index::Rebuild>()?;
    module.add_class::<outcome::Outcome>()?;
    module.add_class::<plan::Plan>()?;
    module.add_function(wrap_pyfunction!(canonicalize::canonicalize, module)?)?;
    module.add_function(wrap_pyfunction!(dedupe::dedupe, module)?)?;
    module.add_function(wrap_pyfunction!(digest::digest, module)?)?;
    module.add_function(wrap_pyfunction!(digest::digest_many, module)?)?;
    module.add_function(wrap_pyfunction!(parse_check::parse_check, module)?)?;
    module.add_function(wrap_pyfunction!(query::query, module)?)?;
    module.add_function(wrap_pyfunction!(query::count_elements, module)?)?;
    module.add_function(wrap_pyfunction!(run_files::run_files, module)?)?;
    Ok(())
}
