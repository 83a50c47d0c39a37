//! Write one field: from a value's raw bytes to its canonical bytes, or give up. The complete engine makes the reasons.

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
use super::record_buffer::RecordBuffer;
use super::trie::SlotId;
use super::walk::{EMPTY, Slot, Walk};

/// A field of the program, in canonical order.
#[derive(Debug)]
pub(crate) struct FusedField {
    pub(crate) name: String,
    /// `,"name":`, and for a constant its value after it.
    pub(crate) head: Constant,
    /// The length of `head` before the value.
    pub(crate) key_bytes: usize,
    pub(crate) source: Source,
    pub(crate) absent: Absent,
    pub(crate) keep_null: bool,
    pub(crate) checks: Checks,
    /// Rules for the content of an array or object.
    pub(crate) rules: Option<ValueRules>,
    /// The part of the contract about this field, where the checks don't cover it.
    pub(crate) contract: Option<Contract>,
}

#[derive(Debug)]
pub(crate) enum Source {
    /// The value is in `head`.
    Constant,
    Slot(SlotId, Kernel),
}

/// How the raw value becomes the field's value.
#[derive(Debug, Clone)]
pub(crate) enum Kernel {
    /// The value as it stands.
    Plain,
    /// `toNumber`.
    Number,
    /// `toUtcTimestamp` for RFC 3339 texts.
    Timestamp,
    /// Any other ops that read no other field: the field's own ops, then those of `spec.transforms`.
    Ops(Vec<Arc<dyn Op>>),
}

/// What to do when the field is absent.
#[derive(Debug)]
pub(crate) enum Absent {
    Omit,
    /// Leave the record to the complete engine: it may be rejected, or an op may fill the field.
    GiveUp,
    /// Write a default, which is canonical and checked.
    Default(Constant),
}

impl FusedField {
    /// Write the field with its key.
    ///
    /// # Safety
    /// `buffer` has the program's bound free for this record.
    #[inline(always)]
    pub(crate) unsafe fn write(&self, walk: &Walk<'_>, buffer: &mut RecordBuffer<'_>) -> Result<(), GaveUp> {
        let Source::Slot(slot, kernel) = &self.source else {
            // SAFETY: constants are within the bound.
            unsafe { buffer.cursor.constant(&self.head) };
            buffer.cell(self.head.len() - self.key_bytes);
            return Ok(());
        };
        let slot = walk.slots[usize::from(*slot)];
        let is_null = slot != EMPTY && walk.kind_of(slot) == b'n';
        if slot == EMPTY || (is_null && !self.keep_null) {
            return self.write_absent(buffer);
        }
        // SAFETY: keys are within the bound.
        unsafe { buffer.cursor.constant(&self.head) };
        let start = buffer.offset();
        if is_null {
            self.write_word(&Value::Null, b"null", buffer)?;
            return self.finish(buffer, start);
        }
        // SAFETY: values are within the bound.
        unsafe {
            match kernel {
                Kernel::Number => self.write_number(walk, slot, buffer)?,
                Kernel::Timestamp => self.write_timestamp(walk, slot, buffer)?,
                Kernel::Plain => self.write_plain(walk, slot, buffer)?,
                Kernel::Ops(ops) => self.write_ops(ops, walk, slot, buffer)?,
            }
        }
        self.finish(buffer, start)
    }

    /// Validate the value by the contract where the checks don't cover it, and note where the value is.
    #[inline(always)]
    fn finish(&self, buffer: &mut RecordBuffer<'_>, start: usize) -> Result<(), GaveUp> {
        if let Some(contract) = &self.contract
            && !self.is_met(contract, buffer.text_from(start))
        {
            return Err(GaveUp);
        }
        buffer.cell_from(start);
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
    fn write_absent(&self, buffer: &mut RecordBuffer<'_>) -> Result<(), GaveUp> {
        match &self.absent {
            Absent::Omit => {
                buffer.cell(0);
                Ok(())
            }
            Absent::GiveUp => Err(GaveUp),
            Absent::Default(text) => {
                // SAFETY: keys and defaults are within the bound.
                unsafe {
                    buffer.cursor.constant(&self.head);
                    buffer.cursor.constant(text);
                }
                buffer.cell(text.len());
                Ok(())
            }
        }
    }

    #[inline(never)]
    fn write_word(&self, value: &Value<'_>, text: &[u8], buffer: &mut RecordBuffer<'_>) -> Result<(), GaveUp> {
        if !self.checks.pass_other(value) {
            return Err(GaveUp);
        }
        // SAFETY: a word is shorter than the number that the bound allows for.
        unsafe { buffer.cursor.copy_exact(text) };
        Ok(())
    }

    #[inline(always)]
    unsafe fn write_number(&self, walk: &Walk<'_>, slot: Slot, buffer: &mut RecordBuffer<'_>) -> Result<(), GaveUp> {
        let text = match walk.kind_of(slot) {
            b'"' => walk.key_text(slot.token as usize),
            b'0' | b'-' => walk.number_text(slot.token as usize),
            _ => return Err(GaveUp),
        };
        // SAFETY: at least 64 bytes are readable after every token of the piece; numbers are within the bound.
        let written = unsafe { number::write(text.as_ptr(), text.len(), buffer.cursor.at) }.ok_or(GaveUp)?;
        if !self.checks.pass_number(written.double, written.is_integer) {
            return Err(GaveUp);
        }
        // SAFETY: these bytes were just written.
        buffer.cursor.at = unsafe { buffer.cursor.at.add(written.bytes) };
        Ok(())
    }

    #[inline(always)]
    unsafe fn write_timestamp(&self, walk: &Walk<'_>, slot: Slot, buffer: &mut RecordBuffer<'_>) -> Result<(), GaveUp> {
        if walk.kind_of(slot) != b'"' {
            return Err(GaveUp);
        }
        let text = walk.key_text(slot.token as usize);
        // SAFETY: the bound allows for a timestamp and the slack after it. The bytes are initialized here, and
        // `rfc3339_to_utc` only writes them.
        let utc = unsafe {
            buffer.cursor.byte(b'"');
            buffer.cursor.at.write_bytes(0, 32);
            &mut *buffer.cursor.at.cast::<[u8; 32]>()
        };
        let length = rfc3339_to_utc(text, utc).map_err(|_| GaveUp)?;
        // SAFETY: the result is ASCII.
        if !unsafe { self.checks.pass_text(&utc[..length]) } {
            return Err(GaveUp);
        }
        // SAFETY: as above.
        unsafe {
            buffer.cursor.at = buffer.cursor.at.add(length);
            buffer.cursor.byte(b'"');
        }
        Ok(())
    }

    #[inline(always)]
    unsafe fn write_plain(&self, walk: &Walk<'_>, slot: Slot, buffer: &mut RecordBuffer<'_>) -> Result<(), GaveUp> {
        match walk.kind_of(slot) {
            b'"' => {
                let text = walk.key_text(slot.token as usize);
                // SAFETY: the quotes are in the piece too, and the string is within the bound.
                let has_backslash =
                    unsafe { buffer.cursor.copy_seeking_backslash(text.as_ptr().sub(1), text.len() + 2) };
                if has_backslash {
                    // SAFETY: the string was just written.
                    buffer.cursor.at = unsafe { buffer.cursor.at.sub(text.len() + 2) };
                    return self.write_value(walk, slot, buffer);
                }
                // SAFETY: the scan found no invalid UTF-8 in this record.
                if unsafe { self.checks.pass_text(text) } { Ok(()) } else { Err(GaveUp) }
            }
            // SAFETY: as the caller guarantees.
            b'0' | b'-' => unsafe { self.write_number(walk, slot, buffer) },
            b'[' | b'{' => self.write_container(walk, slot, buffer),
            b't' => self.write_word(&Value::Bool(true), b"true", buffer),
            _ => self.write_word(&Value::Bool(false), b"false", buffer),
        }
    }

    /// Write an array or an object, from its tokens where possible.
    #[inline(never)]
    fn write_container(&self, walk: &Walk<'_>, slot: Slot, buffer: &mut RecordBuffer<'_>) -> Result<(), GaveUp> {
        let token = slot.token as usize;
        let (start, is_array) = (buffer.offset(), walk.kind_of(slot) == b'[');
        if self.checks.pass_container(if is_array { checks::ARRAY } else { checks::OBJECT }) {
            let mut writer = Writer { walk, buffer };
            if writer.value(token, self.rules.as_ref()).is_ok() {
                return Ok(());
            }
            buffer.rewind(start);
        }
        // The tree path doesn't check rules for the content, so it is taken only where there are none.
        if self.rules.is_some() { Err(GaveUp) } else { self.write_value(walk, slot, buffer) }
    }

    /// Write any value by way of its tree: strings with escapes, and containers that the tokens are not enough for.
    #[inline(never)]
    fn write_value(&self, walk: &Walk<'_>, slot: Slot, buffer: &mut RecordBuffer<'_>) -> Result<(), GaveUp> {
        let value = tree(walk, slot)?;
        self.write_tree(&value, buffer)
    }

    fn write_tree(&self, value: &Value<'_>, buffer: &mut RecordBuffer<'_>) -> Result<(), GaveUp> {
        if !self.checks.pass(value) {
            return Err(GaveUp);
        }
        let mut text = Vec::new();
        chartly_canonical::write_value(value, &mut text).map_err(|_| GaveUp)?;
        buffer.extend(&text);
        Ok(())
    }

    #[inline(never)]
    fn write_ops(
        &self,
        ops: &[Arc<dyn Op>],
        walk: &Walk<'_>,
        slot: Slot,
        buffer: &mut RecordBuffer<'_>,
    ) -> Result<(), GaveUp> {
        let mut value = tree(walk, slot)?;
        for op in ops {
            value = match op.apply(value, &NoFields) {
                Ok(Outcome::Value(value)) => value,
                // The key of a dropped field is already written, and a failure needs a reason; both are left to the
                // complete engine.
                Ok(Outcome::Dropped) | Err(_) => return Err(GaveUp),
            };
        }
        self.write_tree(&value, buffer)
    }
}

/// Return the slot's value as a tree, or give up when a key repeats.
fn tree<'w>(walk: &'w Walk<'_>, slot: Slot) -> Result<Value<'w>, GaveUp> {
    let node = parse(walk.value(slot), Limits::WIDEST).map_err(|_| GaveUp)?;
    if node.first_duplicate_deep().is_some() { Err(GaveUp) } else { Ok(node.value) }
}

impl Walk<'_> {
    #[inline(always)]
    pub(crate) fn kind_of(&self, slot: Slot) -> u8 {
        self.kinds[slot.token as usize]
    }

    /// Return a value's bytes, including white space after a scalar.
    pub(crate) fn value(&self, slot: Slot) -> &[u8] {
        let start = self.position(slot.token as usize);
        let end = match self.kind_of(slot) {
            b'"' | b'{' | b'[' => self.position(slot.after as usize - 1) + 1,
            _ => self.position(slot.token as usize + 1),
        };
        // SAFETY: both are positions of tokens in the piece, in ascending order.
        unsafe { std::slice::from_raw_parts(self.data.add(start), end - start) }
    }
}
