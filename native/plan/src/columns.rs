//! Arrow columns: their types from the contract, their values from the canonical bytes. Which files those become, others decide.
//!
//! Values are read back from canonical text, so that one conversion serves both engines and costs nothing where nobody
//! wants columns.

mod batch;
mod kind;
mod pages;
mod parse;
mod texts;

pub use batch::{rejected_batch, rejected_schema};
pub(crate) use kind::{Column, of, within_64_bits};
pub use pages::PageColumns;
