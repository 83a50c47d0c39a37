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
mod key;
mod number;
mod record;
mod tape;
mod trie;
mod walk;

pub(crate) use framer::{Pass, Way};
pub(crate) use record::{Memory, Piece};
pub use tape::PageReader;

use field::FusedField;
use trie::Node;

/// A plan's fused form. Immutable; what a worker learns is in its [`Memory`].
#[derive(Debug)]
pub(crate) struct Program {
    nodes: Vec<Node>,
    slots: usize,
    fields: Vec<FusedField>,
    /// Room that a record's line needs besides its strings: keys, constants, numbers, id.
    fixed_bytes: usize,
    /// How often one slot's bytes may be written.
    slot_uses_max: usize,
    depth_max: usize,
    /// Whether the contract must see the finished payload, because the checks don't say all that it says.
    asks_contract: bool,
}
