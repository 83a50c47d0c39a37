//! The fused engine: one walk over a record's tokens writes each field straight from raw bytes to canonical bytes, and
//! makes the checks that the plan can't prove.
//!
//! It accepts a record or gives up; it never rejects. The complete engine takes the records that it gives up on: those
//! with a reason to reject, an escape in a key, or a value or rule without a kernel. So only its acceptance must be
//! right, and a test runs both engines over the same records.

#![allow(unsafe_code)] // T unchecked token reads and register-wide copies, which every byte of a record goes through
#![allow(clippy::inline_always)] // T kernels are part of the one loop over fields; calls took a tenth of the time

mod build;
mod checks;
mod class;
mod container;
mod cursor;
mod field;
mod framer;
mod gave_up;
mod key;
mod number;
mod program;
mod property_rules;
mod record_buffer;
mod token_window;
mod trie;
mod walk;

pub(crate) use framer::{Pass, ScanPath};
pub(crate) use program::{Memory, Parts, Program};
pub use token_window::PageReader;
pub(crate) use walk::Piece;
