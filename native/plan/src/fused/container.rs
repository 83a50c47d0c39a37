//! Write arrays and objects straight from tokens to canonical bytes, members in canonical order. It gives up on
//! repeated keys, keys with escapes and objects of many members, and builds no tree.

use chartly_json::{Limits, Value, parse};

use super::checks::{self, Checks};
use super::gave_up::GaveUp;
use super::number;
use super::record_buffer::RecordBuffer;
use super::walk::Walk;

/// The most members of an object. Members are sorted by insertion, which is fast for few.
pub(crate) const MEMBERS_MAX: usize = 32;

/// The contract's rules for a value, when these forms cover all of them.
#[derive(Debug, Clone)]
pub(crate) struct ValueRules {
    /// Rules for the value itself.
    pub(crate) checks: Checks,
    /// Rules for an array's elements.
    pub(crate) items: Option<Box<ValueRules>>,
    pub(crate) least: usize,
    pub(crate) most: usize,
    /// Rules for an object's members.
    pub(crate) members: MemberRules,
}

/// The contract's rules for the members of an object.
#[derive(Debug, Clone)]
pub(crate) struct MemberRules {
    pub(crate) members: Vec<Member>,
    /// The number of required members.
    pub(crate) required: usize,
    /// Whether members without a name here are allowed.
    pub(crate) allows_others: bool,
}

/// A member that the contract names.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) rules: ValueRules,
    pub(crate) is_required: bool,
}

impl Default for ValueRules {
    fn default() -> Self {
        let members = MemberRules { members: Vec::new(), required: 0, allows_others: true };
        Self { checks: Checks::new(Vec::new()), items: None, least: 0, most: usize::MAX, members }
    }
}

/// Writes the values of one record.
pub(crate) struct Writer<'x, 'w, 'o> {
    pub(crate) walk: &'x Walk<'w>,
    pub(crate) buffer: &'x mut RecordBuffer<'o>,
}

impl Writer<'_, '_, '_> {
    /// Write any value, check it against rules, and return the token after it.
    #[inline]
    pub(crate) fn value(&mut self, token: usize, rules: Option<&ValueRules>) -> Result<usize, GaveUp> {
        let checks = rules.map(|rules| &rules.checks);
        match self.walk.kind(token) {
            b'"' => self.string(token, checks),
            b'0' | b'-' => self.number(token, checks),
            b'[' if checks.is_none_or(|checks| checks.pass_container(checks::ARRAY)) => self.array(token, rules),
            b'{' if checks.is_none_or(|checks| checks.pass_container(checks::OBJECT)) => {
                self.object(token, rules.map(|rules| &rules.members))
            }
            b'[' | b'{' => Err(GaveUp),
            _ => self.word(token, checks),
        }
    }

    fn array(&mut self, token: usize, rules: Option<&ValueRules>) -> Result<usize, GaveUp> {
        let items = rules.and_then(|rules| rules.items.as_deref());
        let mut count = 0;
        let mut next = token + 1;
        self.byte(b'[');
        if self.walk.kind(next) != b']' {
            loop {
                next = self.value(next, items)?;
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

    fn object(&mut self, token: usize, rules: Option<&MemberRules>) -> Result<usize, GaveUp> {
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
        let mut missing = rules.map_or(0, |rules| rules.required);
        self.byte(b'{');
        for (index, &key) in keys[..count].iter().enumerate() {
            if index > 0 {
                self.byte(b',');
            }
            let text = self.walk.key_text(key);
            self.copy_quoted(text);
            self.byte(b':');
            let member = rules.and_then(|rules| rules.members.iter().find(|member| member.name.as_bytes() == text));
            if member.is_none() && rules.is_some_and(|rules| !rules.allows_others) {
                return Err(GaveUp);
            }
            // Keys don't repeat here, so each required member is counted once.
            missing -= usize::from(member.is_some_and(|member| member.is_required));
            self.value(key + 3, member.map(|member| &member.rules))?;
        }
        self.byte(b'}');
        if missing == 0 { Ok(next + 1) } else { Err(GaveUp) }
    }

    /// Insert a key into the sorted keys before it.
    fn insert(&self, keys: &mut [usize; MEMBERS_MAX], count: usize, key: usize) -> Result<(), GaveUp> {
        let text = self.walk.key_text(key);
        if text.contains(&b'\\') {
            return Err(GaveUp);
        }
        let mut place = count;
        while place > 0 {
            // SAFETY: the scan found no invalid UTF-8 in this record.
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
        let before = self.buffer.offset();
        if self.copy_quoted(text) {
            self.buffer.rewind(before);
            return self.escaped(token, checks);
        }
        // SAFETY: the scan found no invalid UTF-8 in this record.
        let passes = checks.is_none_or(|checks| unsafe { checks.pass_text(text) });
        if passes { Ok(token + 2) } else { Err(GaveUp) }
    }

    /// Write a string that has escapes.
    #[inline(never)]
    fn escaped(&mut self, token: usize, checks: Option<&Checks>) -> Result<usize, GaveUp> {
        let node = parse(self.walk.quoted_text(token), Limits::WIDEST).map_err(|_| GaveUp)?;
        let mut text = Vec::new();
        chartly_canonical::write_value(&node.value, &mut text).map_err(|_| GaveUp)?;
        self.buffer.extend(&text);
        if checks.is_none_or(|checks| checks.pass(&node.value)) { Ok(token + 2) } else { Err(GaveUp) }
    }

    #[inline(always)]
    fn number(&mut self, token: usize, checks: Option<&Checks>) -> Result<usize, GaveUp> {
        let text = self.walk.number_text(token);
        self.buffer.ensure(number::BYTES_MAX);
        // SAFETY: room was ensured, and at least 64 bytes are readable after every token of the piece.
        let written = unsafe { number::write(text.as_ptr(), text.len(), self.buffer.cursor.at) }.ok_or(GaveUp)?;
        if checks.is_some_and(|checks| !checks.pass_number(written.double, written.is_integer)) {
            return Err(GaveUp);
        }
        // SAFETY: these bytes were just written.
        self.buffer.cursor.at = unsafe { self.buffer.cursor.at.add(written.bytes) };
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
        self.buffer.ensure(text.len());
        // SAFETY: room was ensured.
        unsafe { self.buffer.cursor.copy_exact(text) };
        Ok(token + 1)
    }

    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        self.buffer.ensure(1);
        // SAFETY: room was ensured.
        unsafe { self.buffer.cursor.byte(byte) };
    }

    /// Copy a text with the quotes around it, and return whether it has a backslash.
    #[inline(always)]
    fn copy_quoted(&mut self, text: &[u8]) -> bool {
        self.buffer.ensure(text.len() + 2);
        // SAFETY: the quotes around the text are in the piece, and room was ensured.
        unsafe { self.buffer.cursor.copy_seeking_backslash(text.as_ptr().sub(1), text.len() + 2) }
    }
}
