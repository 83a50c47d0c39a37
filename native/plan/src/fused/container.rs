//! Arrays and objects straight from tokens to canonical bytes: members in canonical order, repeated keys given up on. It
//! builds no tree; keys with escapes, and objects of very many members, are for the way that does.

use chartly_json::{Limits, Value, parse};

use super::checks::{self, Checks};
use super::field::GaveUp;
use super::number;
use super::record::Room;
use super::walk::Walk;

/// Members that an object may have here: sorted by insertion, which is quick for few.
const MEMBERS_MAX: usize = 32;

/// What the contract asks of an array, when it is no more than this.
#[derive(Debug, Clone)]
pub(crate) struct ArrayRules {
    pub(crate) elements: Checks,
    pub(crate) least: usize,
    pub(crate) most: usize,
}

/// Writes values of one record.
pub(crate) struct Writer<'x, 'w, 'o> {
    pub(crate) walk: &'x Walk<'w>,
    pub(crate) room: &'x mut Room<'o>,
}

impl Writer<'_, '_, '_> {
    /// Writes any value; gives the token after it.
    pub(crate) fn value(&mut self, token: usize) -> Result<usize, GaveUp> {
        match self.walk.kind(token) {
            b'"' => self.string(token, None),
            b'0' | b'-' => self.number(token, None),
            b'[' => self.array(token, None),
            b'{' => self.object(token),
            _ => self.word(token, None),
        }
    }

    /// Writes an array, and holds its elements against rules.
    pub(crate) fn array(&mut self, token: usize, rules: Option<&ArrayRules>) -> Result<usize, GaveUp> {
        let mut count = 0;
        let mut next = token + 1;
        self.byte(b'[');
        if self.walk.kind(next) != b']' {
            loop {
                next = self.element(next, rules.map(|rules| &rules.elements))?;
                count += 1;
                if self.walk.kind(next) == b']' {
                    break;
                }
                self.byte(b',');
                next += 1;
            }
        }
        self.byte(b']');
        let fits = rules.is_none_or(|rules| (rules.least..=rules.most).contains(&count));
        if fits { Ok(next + 1) } else { Err(GaveUp) }
    }

    #[inline(always)]
    fn element(&mut self, token: usize, checks: Option<&Checks>) -> Result<usize, GaveUp> {
        match self.walk.kind(token) {
            b'"' => self.string(token, checks),
            b'0' | b'-' => self.number(token, checks),
            b'[' if checks.is_none_or(|checks| checks.pass_container(checks::ARRAY)) => self.array(token, None),
            b'{' if checks.is_none_or(|checks| checks.pass_container(checks::OBJECT)) => self.object(token),
            b'[' | b'{' => Err(GaveUp),
            _ => self.word(token, checks),
        }
    }

    fn object(&mut self, token: usize) -> Result<usize, GaveUp> {
        let mut keys = [0_usize; MEMBERS_MAX];
        let mut count = 0;
        let mut next = token + 1;
        if self.walk.kind(next) != b'}' {
            loop {
                if count == MEMBERS_MAX {
                    return Err(GaveUp);
                }
                self.insert(&mut keys, count, next)?;
                count += 1;
                next = self.walk.skip_value(next + 3, 1);
                if self.walk.kind(next) == b'}' {
                    break;
                }
                next += 1;
            }
        }
        self.byte(b'{');
        for (index, &key) in keys[..count].iter().enumerate() {
            if index > 0 {
                self.byte(b',');
            }
            let text = self.walk.key_text(key);
            self.copy_quoted(text);
            self.byte(b':');
            self.value(key + 3)?;
        }
        self.byte(b'}');
        Ok(next + 1)
    }

    /// Puts a key among those before it, which are in order.
    fn insert(&self, keys: &mut [usize; MEMBERS_MAX], count: usize, key: usize) -> Result<(), GaveUp> {
        let text = self.walk.key_text(key);
        if text.contains(&b'\\') {
            return Err(GaveUp);
        }
        let mut place = count;
        while place > 0 {
            // SAFETY: the scan found no break of UTF-8 in this record.
            let (before, text) = unsafe {
                (str::from_utf8_unchecked(self.walk.key_text(keys[place - 1])), str::from_utf8_unchecked(text))
            };
            match chartly_canonical::compare_keys(before, text) {
                std::cmp::Ordering::Less => break,
                std::cmp::Ordering::Equal => return Err(GaveUp),
                std::cmp::Ordering::Greater => keys[place] = keys[place - 1],
            }
            place -= 1;
        }
        keys[place] = key;
        Ok(())
    }

    #[inline(always)]
    fn string(&mut self, token: usize, checks: Option<&Checks>) -> Result<usize, GaveUp> {
        let text = self.walk.key_text(token);
        let before = self.room.offset();
        if self.copy_quoted(text) {
            self.room.rewind(before);
            return self.escaped(token, checks);
        }
        // SAFETY: the scan found no break of UTF-8 in this record.
        let passes = checks.is_none_or(|checks| unsafe { checks.pass_text(text) });
        if passes { Ok(token + 2) } else { Err(GaveUp) }
    }

    /// A string that has escapes.
    #[inline(never)]
    fn escaped(&mut self, token: usize, checks: Option<&Checks>) -> Result<usize, GaveUp> {
        let node = parse(self.walk.quoted_text(token), Limits::WIDEST).map_err(|_| GaveUp)?;
        let mut text = Vec::new();
        chartly_canonical::write_value(&node.value, &mut text).map_err(|_| GaveUp)?;
        self.room.extend(&text);
        if checks.is_none_or(|checks| checks.pass(&node.value)) { Ok(token + 2) } else { Err(GaveUp) }
    }

    #[inline(always)]
    fn number(&mut self, token: usize, checks: Option<&Checks>) -> Result<usize, GaveUp> {
        let text = self.walk.number_text(token);
        self.room.ensure(number::BYTES_MAX);
        // SAFETY: room was ensured, and the piece is readable for 64 bytes behind any token.
        let written = unsafe { number::write(text.as_ptr(), text.len(), self.room.cursor.at) }.ok_or(GaveUp)?;
        if checks.is_some_and(|checks| !checks.pass_number(written.double, written.is_integer)) {
            return Err(GaveUp);
        }
        // SAFETY: what was just written.
        self.room.cursor.at = unsafe { self.room.cursor.at.add(written.bytes) };
        Ok(token + 1)
    }

    #[inline]
    fn word(&mut self, token: usize, checks: Option<&Checks>) -> Result<usize, GaveUp> {
        let (value, text) = match self.walk.kind(token) {
            b't' => (Value::Bool(true), &b"true"[..]),
            b'f' => (Value::Bool(false), &b"false"[..]),
            _ => (Value::Null, &b"null"[..]),
        };
        if checks.is_some_and(|checks| !checks.pass_other(&value)) {
            return Err(GaveUp);
        }
        self.room.ensure(text.len());
        // SAFETY: room was ensured.
        unsafe { self.room.cursor.copy_exact(text) };
        Ok(token + 1)
    }

    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        self.room.ensure(1);
        // SAFETY: room was ensured.
        unsafe { self.room.cursor.byte(byte) };
    }

    /// Copies a text with the quotes around it, and tells whether it has a backslash.
    #[inline(always)]
    fn copy_quoted(&mut self, text: &[u8]) -> bool {
        self.room.ensure(text.len() + 2);
        // SAFETY: the quotes stand around the text in the piece, and room was ensured.
        unsafe { self.room.cursor.copy_seeking_backslash(text.as_ptr().sub(1), text.len() + 2) }
    }
}
