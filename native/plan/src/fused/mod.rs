//! The fused engine: one walk over a record's tokens, each field straight from raw bytes to canonical bytes, each check
//! that the plan can't prove made on the way.
//!
//! It accepts or gives up; it never rejects. What it gives up on (a reason to reject, an escape in a key, a value or rule
//! that has no kernel) goes to the complete engine, which has the last word on every reason. So it must only be right when
//! it accepts, and a test runs both over the same records.

#![allow(unsafe_code)] // unchecked token reads and register-wide copies, which every byte of a record goes through
#![allow(clippy::inline_always)] // kernels belong into the one loop over fields; calls were a tenth of the job

mod alone;
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
mod room;
mod tape;
mod trie;
mod walk;

pub(crate) use framer::{Pass, Way};
pub(crate) use program::{Memory, Parts, Program};
pub use tape::PageReader;
pub(crate) use walk::Piece;
