//! The fused program and its run over one record: walk, write, or undo. The worker finds and counts records.

use std::sync::Arc;

use chartly_contract::Contract;
use chartly_json::Limits;

use super::field::FusedField;
use super::key::Keys;
use super::record_buffer::RecordBuffer;
use super::trie::Node;
use super::walk::{EMPTY, Piece, Slot, Walk};
use crate::field::{Field, LateOp};
use crate::output::{LINE_END, LINE_HEAD, LINE_ID, Output};
use crate::place::Place;

/// A plan's fused form. It is immutable; what a worker learns is in its [`Memory`].
#[derive(Debug)]
pub(crate) struct Program {
    pub(super) nodes: Vec<Node>,
    pub(super) slots: usize,
    pub(super) fields: Vec<FusedField>,
    /// Bytes that a record's line needs besides its strings: keys, constants, numbers, id.
    pub(super) fixed_bytes: usize,
    /// How many fields write the same slot, at most.
    pub(super) slot_uses_max: usize,
    pub(super) depth_max: usize,
    /// The contract, where the finished payload must be validated because the checks don't cover all of it.
    pub(super) contract: Option<Arc<Contract>>,
}

/// What a program is built from: parts of a plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'p> {
    /// The fields in canonical order.
    pub(crate) fields: &'p [Field],
    pub(crate) late_ops: &'p [LateOp],
    /// Positions of the required fields.
    pub(crate) required: &'p [usize],
    pub(crate) contract: &'p Arc<Contract>,
    /// The schema that `contract` was compiled from.
    pub(crate) schema: &'p serde_json::Value,
    pub(crate) depth_max: usize,
}

/// The memory that a worker keeps between records.
#[derive(Debug)]
pub(crate) struct Memory {
    keys: Vec<Keys>,
    slots: Vec<Slot>,
}

impl Program {
    /// Return the memory of one worker; `None` when an object has too many mapped keys.
    pub(crate) fn memory(&self) -> Option<Memory> {
        let keys = self.nodes.iter().map(Keys::new).collect::<Option<_>>()?;
        Some(Memory { keys, slots: vec![EMPTY; self.slots] })
    }

    /// Run the record that starts at a token and return the token after it. On `None`, `output` is unchanged.
    /// `place_of` gets that token and returns the record's place, or `None` when no record may end there.
    #[inline(always)]
    pub(crate) fn run(
        &self,
        memory: &mut Memory,
        piece: Piece<'_>,
        first_token: usize,
        place_of: impl FnOnce(usize) -> Option<Place>,
        keeps_cells: bool,
        output: &mut Output,
    ) -> Option<usize> {
        memory.slots.fill(EMPTY);
        let failure = piece.tokens.count() + 1;
        let mut walk = Walk {
            data: piece.padded.as_ptr(),
            positions: piece.tokens.positions(),
            kinds: piece.tokens.kinds(),
            nodes: &self.nodes,
            keys: &mut memory.keys,
            slots: &mut memory.slots,
            failure,
            depth_max: self.depth_max,
        };
        let end_token = walk.record(first_token);
        if end_token == failure {
            return None;
        }
        let place = place_of(end_token)?;
        self.write(&walk, place, keeps_cells, output).then_some(end_token)
    }

    #[inline(always)]
    fn write(&self, walk: &Walk<'_>, place: Place, keeps_cells: bool, output: &mut Output) -> bool {
        let line_start = output.text.len();
        let cells_before = output.cells.len();
        #[allow(clippy::cast_possible_truncation)] // a record lies within a piece in memory
        let bound = self.fixed_bytes + place.length as usize * self.slot_uses_max;
        let mut buffer = RecordBuffer::new(&mut output.text, &mut output.cells, keeps_cells, bound);
        // SAFETY: the bound includes the line's constants.
        unsafe { buffer.cursor.copy_exact(LINE_HEAD) };
        let start = buffer.offset();
        for field in &self.fields {
            // SAFETY: the bound includes every field.
            if unsafe { field.write(walk, &mut buffer) }.is_err() {
                output.rewind(line_start, cells_before);
                return false;
            }
        }
        let end = buffer.close(start);
        // SAFETY: the bound includes these, and every byte before the cursor is written.
        unsafe {
            buffer.cursor.copy_exact(LINE_ID);
            buffer.cursor.at.write_bytes(b'0', chartly_digest::HEX_BYTES);
            buffer.cursor.at = buffer.cursor.at.add(chartly_digest::HEX_BYTES);
            buffer.cursor.copy_exact(LINE_END);
            buffer.commit();
        }
        if let Some(contract) = &self.contract
            && !meets(contract, &output.text[start..end])
        {
            output.rewind(line_start, cells_before);
            return false;
        }
        output.canonical.push(start..end);
        output.places.push(place);
        output.counts.accepted += 1;
        true
    }
}

/// Return whether the finished payload meets the contract, by the contract's own engine.
#[inline(never)]
fn meets(contract: &Contract, canonical: &[u8]) -> bool {
    chartly_json::parse(canonical, Limits::WIDEST).is_ok_and(|node| contract.is_valid(&node.value))
}
