//! One record through the program: walk, write, or take everything back. The worker finds records and counts them.

use std::sync::Arc;

use chartly_contract::Contract;
use chartly_json::Limits;

use super::field::FusedField;
use super::key::Keys;
use super::room::Room;
use super::trie::Node;
use super::walk::{EMPTY, Piece, Slot, Walk};
use crate::field::{Field, LateOp};
use crate::output::{LINE_END, LINE_HEAD, LINE_ID, Output};
use crate::place::Place;

/// A plan's fused form. Immutable; what a worker learns is in its [`Memory`].
#[derive(Debug)]
pub(crate) struct Program {
    pub(super) nodes: Vec<Node>,
    pub(super) slots: usize,
    pub(super) fields: Vec<FusedField>,
    /// Room that a record's line needs besides its strings: keys, constants, numbers, id.
    pub(super) fixed_bytes: usize,
    /// How often one slot's bytes may be written.
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

/// What a worker keeps from record to record.
#[derive(Debug)]
pub(crate) struct Memory {
    keys: Vec<Keys>,
    slots: Vec<Slot>,
}

impl Program {
    /// Memory for one worker; `None` when an object has more mapped keys than can be told apart.
    pub(crate) fn memory(&self) -> Option<Memory> {
        let keys = self.nodes.iter().map(Keys::new).collect::<Option<_>>()?;
        Some(Memory { keys, slots: vec![EMPTY; self.slots] })
    }

    /// Runs the record that starts at a token. `place_of` is told the token after the record, and says where the record lies
    /// if it may end there. Gives that token, or `None` and leaves `output` as it was.
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
        let mut room = Room::new(&mut output.text, &mut output.cells, keeps_cells, bound);
        // SAFETY: the bound counts the line's constants.
        unsafe { room.cursor.copy_exact(LINE_HEAD) };
        let start = room.offset();
        for field in &self.fields {
            // SAFETY: the bound counts every field.
            if unsafe { field.write(walk, &mut room) }.is_err() {
                output.rewind(line_start, cells_before);
                return false;
            }
        }
        let end = room.close(start);
        // SAFETY: the bound counts these, and everything up to here is written.
        unsafe {
            room.cursor.copy_exact(LINE_ID);
            room.cursor.at.write_bytes(b'0', chartly_digest::HEX_BYTES);
            room.cursor.at = room.cursor.at.add(chartly_digest::HEX_BYTES);
            room.cursor.copy_exact(LINE_END);
            room.commit();
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

/// Whether the finished payload meets the contract, asked of the contract's own engine.
#[inline(never)]
fn meets(contract: &Contract, canonical: &[u8]) -> bool {
    chartly_json::parse(canonical, Limits::WIDEST).is_ok_and(|node| contract.is_valid(&node.value))
}
