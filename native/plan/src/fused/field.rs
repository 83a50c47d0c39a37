//! One field's kernel: from a value's raw bytes to its canonical bytes, or a reason to give up. No reasons are made here.

use std::sync::Arc;

use chartly_contract::Contract;
use chartly_json::{Limits, Object, Value, parse};
use chartly_transform::timestamp::rfc3339_to_utc;
use chartly_transform::{NoFields, Op, Outcome};

use super::checks::{self, Checks};
use super::container::{ValueRules, Writer};
use super::cursor::Constant;
use super::gave_up::GaveUp;
use super::number;
use super::room::Room;
use super::trie::SlotId;
use super::walk::{EMPTY, Slot, Walk};

/// A field of the program, in canonical order.
#[derive(Debug)]
pub(crate) struct FusedField {
    pub(crate) name: String,
    /// `,"name":`, and for a constant its value behind it.
    pub(crate) head: Constant,
    /// Bytes of `head` before the value.
    pub(crate) key_bytes: usize,
    pub(crate) source: Source,
    pub(crate) absent: Absent,
    pub(crate) keep_null: bool,
    pub(crate) checks: Checks,
    /// What the contract asks of what is in an array or object.
    pub(crate) rules: Option<ValueRules>,
    /// The contract's word on this field alone, where the checks don't say all of it.
    pub(crate) asks: Option<Contract>,
}

#[derive(Debug)]
pub(crate) enum Source {
    /// The value is in `head`.
    Constant,
    Slot(SlotId, Kernel),
}

/// How a slot becomes a value.
#[derive(Debug, Clone)]
pub(crate) enum Kernel {
    /// The value as it is.
    Plain,
    /// `toNumber`.
    Number,
    /// `toUtcTimestamp` of RFC 3339.
    Timestamp,
    /// Any other ops that read no other field: the field's own, then those of `spec.transforms`.
    Ops(Vec<Arc<dyn Op>>),
}

/// What an absent field means.
#[derive(Debug)]
pub(crate) enum Absent {
    Omit,
    /// A reason to reject, or something that only the complete engine does.
    GiveUp,
    /// A default, already canonical and checked.
    Default(Constant),
}

impl FusedField {
    /// Writes the field with its key.
    ///
    /// # Safety
    /// `room` has the program's bound free for this record.
    #[inline(always)]
    pub(crate) unsafe fn write(&self, walk: &Walk<'_>, room: &mut Room<'_>) -> Result<(), GaveUp> {
        let Source::Slot(slot, kernel) = &self.source else {
            // SAFETY: constants are within the bound.
            unsafe { room.cursor.constant(&self.head) };
            room.cell(self.head.len() - self.key_bytes);
            return Ok(());
        };
        let slot = walk.slots[usize::from(*slot)];
        let is_null = slot != EMPTY && walk.kind_of(slot) == b'n';
        if slot == EMPTY || (is_null && !self.keep_null) {
            return self.write_absent(room);
        }
        // SAFETY: keys are within the bound.
        unsafe { room.cursor.constant(&self.head) };
        let start = room.offset();
        if is_null {
            self.write_word(&Value::Null, b"null", room)?;
            return self.finish(room, start);
        }
        // SAFETY: values are within the bound.
        unsafe {
            match kernel {
                Kernel::Number => self.write_number(walk, slot, room)?,
                Kernel::Timestamp => self.write_timestamp(walk, slot, room)?,
                Kernel::Plain => self.write_plain(walk, slot, room)?,
                Kernel::Ops(ops) => self.write_ops(ops, walk, slot, room)?,
            }
        }
        self.finish(room, start)
    }

    /// Asks the contract where the checks don't say all that it says of the field, and notes where the value is.
    #[inline(always)]
    fn finish(&self, room: &mut Room<'_>, start: usize) -> Result<(), GaveUp> {
        if let Some(contract) = &self.asks
            && !self.is_met(contract, room.text_from(start))
        {
            return Err(GaveUp);
        }
        room.cell_from(start);
        Ok(())
    }

    #[inline(never)]
    fn is_met(&self, contract: &Contract, canonical: &[u8]) -> bool {
        let Ok(node) = parse(canonical, Limits::WIDEST) else { return false };
        let mut payload = Object::default();
        payload.push(self.name.as_str(), node.value);
        contract.is_valid(&Value::Object(payload))
    }

    #[inline(never)]
    fn write_absent(&self, room: &mut Room<'_>) -> Result<(), GaveUp> {
        match &self.absent {
            Absent::Omit => {
                room.cell(0);
                Ok(())
            }
            Absent::GiveUp => Err(GaveUp),
            Absent::Default(text) => {
                // SAFETY: keys and defaults are within the bound.
                unsafe {
                    room.cursor.constant(&self.head);
                    room.cursor.constant(text);
                }
                room.cell(text.len());
                Ok(())
            }
        }
    }

    #[inline(never)]
    fn write_word(&self, value: &Value<'_>, text: &[u8], room: &mut Room<'_>) -> Result<(), GaveUp> {
        if !self.checks.pass_other(value) {
            return Err(GaveUp);
        }
        // SAFETY: a word is shorter than the number that the bound counts.
        unsafe { room.cursor.copy_exact(text) };
        Ok(())
    }

    #[inline(always)]
    unsafe fn write_number(&self, walk: &Walk<'_>, slot: Slot, room: &mut Room<'_>) -> Result<(), GaveUp> {
        let text = match walk.kind_of(slot) {
            b'"' => walk.key_text(slot.token as usize),
            b'0' | b'-' => walk.number_text(slot.token as usize),
            _ => return Err(GaveUp),
        };
        // SAFETY: the piece is readable for 64 bytes behind any token; numbers are within the bound.
        let written = unsafe { number::write(text.as_ptr(), text.len(), room.cursor.at) }.ok_or(GaveUp)?;
        if !self.checks.pass_number(written.double, written.is_integer) {
            return Err(GaveUp);
        }
        // SAFETY: what was just written.
        room.cursor.at = unsafe { room.cursor.at.add(written.bytes) };
        Ok(())
    }

    #[inline(always)]
    unsafe fn write_timestamp(&self, walk: &Walk<'_>, slot: Slot, room: &mut Room<'_>) -> Result<(), GaveUp> {
        if walk.kind_of(slot) != b'"' {
            return Err(GaveUp);
        }
        let text = walk.key_text(slot.token as usize);
        // SAFETY: the bound counts a timestamp and the slack behind it; the bytes were written before or are spare room
        // that `rfc3339_to_utc` only writes.
        let utc = unsafe {
            room.cursor.byte(b'"');
            room.cursor.at.write_bytes(0, 32);
            &mut *room.cursor.at.cast::<[u8; 32]>()
        };
        let length = rfc3339_to_utc(text, utc).map_err(|_| GaveUp)?;
        // SAFETY: the result is ASCII.
        if !unsafe { self.checks.pass_text(&utc[..length]) } {
            return Err(GaveUp);
        }
        // SAFETY: as above.
        unsafe {
            room.cursor.at = room.cursor.at.add(length);
            room.cursor.byte(b'"');
        }
        Ok(())
    }

    #[inline(always)]
    unsafe fn write_plain(&self, walk: &Walk<'_>, slot: Slot, room: &mut Room<'_>) -> Result<(), GaveUp> {
        match walk.kind_of(slot) {
            b'"' => {
                let text = walk.key_text(slot.token as usize);
                // SAFETY: the quotes are in the piece too, and the string is within the bound.
                let has_backslash = unsafe { room.cursor.copy_seeking_backslash(text.as_ptr().sub(1), text.len() + 2) };
                if has_backslash {
                    // SAFETY: the string was just written.
                    room.cursor.at = unsafe { room.cursor.at.sub(text.len() + 2) };
                    return self.write_value(walk, slot, room);
                }
                // SAFETY: the scan found no break of UTF-8 in this record.
                if unsafe { self.checks.pass_text(text) } { Ok(()) } else { Err(GaveUp) }
            }
            // SAFETY: as the caller vouches.
            b'0' | b'-' => unsafe { self.write_number(walk, slot, room) },
            b'[' | b'{' => self.write_container(walk, slot, room),
            b't' => self.write_word(&Value::Bool(true), b"true", room),
            _ => self.write_word(&Value::Bool(false), b"false", room),
        }
    }

    /// An array or an object, from its tokens when that is enough.
    #[inline(never)]
    fn write_container(&self, walk: &Walk<'_>, slot: Slot, room: &mut Room<'_>) -> Result<(), GaveUp> {
        let token = slot.token as usize;
        let (start, is_array) = (room.offset(), walk.kind_of(slot) == b'[');
        if self.checks.pass_container(if is_array { checks::ARRAY } else { checks::OBJECT }) {
            let mut writer = Writer { walk, room };
            if writer.value(token, self.rules.as_ref()).is_ok() {
                return Ok(());
            }
            room.rewind(start);
        }
        // Only where no rule of what is in it is left out by this way.
        if self.rules.is_some() { Err(GaveUp) } else { self.write_value(walk, slot, room) }
    }

    /// Any value, by way of its tree: strings with escapes, and what containers have of them in keys.
    #[inline(never)]
    fn write_value(&self, walk: &Walk<'_>, slot: Slot, room: &mut Room<'_>) -> Result<(), GaveUp> {
        let value = tree(walk, slot)?;
        self.write_tree(&value, room)
    }

    fn write_tree(&self, value: &Value<'_>, room: &mut Room<'_>) -> Result<(), GaveUp> {
        if !self.checks.pass(value) {
            return Err(GaveUp);
        }
        let mut text = Vec::new();
        chartly_canonical::write_value(value, &mut text).map_err(|_| GaveUp)?;
        room.extend(&text);
        Ok(())
    }

    #[inline(never)]
    fn write_ops(&self, ops: &[Arc<dyn Op>], walk: &Walk<'_>, slot: Slot, room: &mut Room<'_>) -> Result<(), GaveUp> {
        let mut value = tree(walk, slot)?;
        for op in ops {
            value = match op.apply(value, &NoFields) {
                Ok(Outcome::Value(value)) => value,
                // A dropped field has its key written already, and a failure has a reason to be told.
                Ok(Outcome::Dropped) | Err(_) => return Err(GaveUp),
            };
        }
        self.write_tree(&value, room)
    }
}

/// The slot's value as a tree, without repeated keys.
fn tree<'w>(walk: &'w Walk<'_>, slot: Slot) -> Result<Value<'w>, GaveUp> {
    let node = parse(walk.value(slot), Limits::WIDEST).map_err(|_| GaveUp)?;
    if node.first_duplicate_deep().is_some() { Err(GaveUp) } else { Ok(node.value) }
}

impl Walk<'_> {
    #[inline(always)]
    pub(crate) fn kind_of(&self, slot: Slot) -> u8 {
        self.kinds[slot.token as usize]
    }

    /// A value's bytes, white space behind a scalar included.
    pub(crate) fn value(&self, slot: Slot) -> &[u8] {
        let start = self.position(slot.token as usize);
        let end = match self.kind_of(slot) {
            b'"' | b'{' | b'[' => self.position(slot.after as usize - 1) + 1,
            _ => self.position(slot.token as usize + 1),
        };
        // SAFETY: positions of tokens in the piece, in order.
        unsafe { std::slice::from_raw_parts(self.data.add(start), end - start) }
    }
}
