//! Run a plan over a file or a stream: bounded blocks, several threads, ordered output, files that appear complete.
//!
//! ```text
//! source ── whole lines (or elements) of a block ──▶ N workers ── in the input's order ──▶ sink
//!            one reader at a time                    run the plan, encode columns           one writer at a time
//! ```
//!
//! A `Task` holds a block and is reused: memory is a few blocks a thread, for inputs of any size. The content of the
//! files does not depend on the number of threads. The plan makes all decisions about records.

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
