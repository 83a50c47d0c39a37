//! Compile a resolved normalizer profile and its contract to one pass from raw bytes to canonical records.
//!
//! ```text
//! Plan::compile(profile, contract)? ── plan.hash()
//!   plan.framing(head, at_end)        one record a line, or one JSON page?
//!   plan.worker(options)              one per thread, owns its memory
//!     worker.run_lines(block, &mut output)                 whole lines; the last may lack its line feed
//!     worker.run_elements(&page, range, &mut output)       elements of plan.open_page(bytes)?
//!     worker.run_pass(&mut pass, bytes, &mut output)       a page in one pass, plan.page_pass(reader); undone if it gives up
//!   plan.run(input, threads, options) all of that for an input in memory; output independent of threads
//!   plan.explain(record)              one record, field by field
//! output.set_start(previous.end()); output.accepted(); output.rejected(); output.accepted_ndjson(); …
//! plan.accepted_batch(&output, with_canonical)?; rejected_batch(&output)?      Arrow
//! plan.page_columns(&plan.page_schema()?).add(&output)?                        Parquet
//! ```
//!
//! Two engines give the same results. The fused engine accepts what it can prove in one pass and leaves every other
//! record to the complete engine. This crate reads no files and knows no Python.

mod columns;
mod compile;
mod complete;
mod digests;
mod duplicate_keys;
mod emit;
mod error;
mod explain;
mod field;
mod fused;
mod output;
mod page;
mod place;
mod plan;
mod profile;
mod reason;
mod rejected_line;
mod run;
mod worker;

pub use columns::{PageColumns, rejected_batch, rejected_schema};
pub use compile::CompileContext;
pub use error::{Document, PlanError};
pub use fused::PageReader;
pub use output::{Accepted, Counts, Output, Rejected};
pub use page::{Framing, Page, PagePass, PassState};
pub use place::{Place, Position};
pub use plan::{Instructions, Plan};
pub use reason::{Reason, ReasonCode};
pub use run::split_lines;
pub use worker::{RunOptions, Worker};
