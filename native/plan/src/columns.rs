//! Arrow columns: their types from the contract, their values from the canonical bytes. It writes no Parquet.
//!
//! Values are read back from canonical text, so that one conversion serves both engines and costs nothing where nobody
//! wants columns.

mod batch;
mod kind;
mod parse;
mod texts;

pub use batch::{rejected_batch, rejected_schema};
pub(crate) use kind::{Column, of};
