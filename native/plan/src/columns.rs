//! Arrow columns: types from the contract, values from the canonical bytes. It doesn't choose the files.
//!
//! Values are read from canonical text, so one conversion serves both engines and costs nothing in runs without
//! columns.

mod batch;
mod kind;
mod names;
mod pages;
mod parse;
mod texts;

pub use batch::{rejected_batch, rejected_schema};
pub(crate) use kind::{Column, of, storable};
pub(crate) use names::check_names;
pub use pages::PageColumns;
