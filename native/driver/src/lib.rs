//! Runs a plan over a file or a stream: bounded blocks, N threads, ordered output, files that appear whole.
//!
//! ```text
//! source ── whole lines (or elements) of a block ──▶ N workers ── in the input's order ──▶ sink
//!            one reader at a time                    run the plan, encode columns           one writer at a time
//! ```
//!
//! A block lives in a [`task`] that is used again and again: memory is a few blocks a thread, whatever the input's size. What the files
//! hold does not depend on the number of threads. This crate decides nothing about records; the plan does.

mod error;
mod files;
mod input;
mod lines;
mod options;
mod page;
mod parquet_file;
mod pass;
mod pipeline;
mod run;
mod sink;
mod source;
mod stats;
mod task;

pub use error::DriverError;
pub use files::{ACCEPTED_NDJSON, ACCEPTED_PARQUET, REJECTED_NDJSON};
pub use options::{Cancel, Format, Input, Options};
pub use run::normalize;
pub use stats::Stats;
