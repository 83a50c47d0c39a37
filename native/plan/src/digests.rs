//! Record ids and idempotency keys of a block, computed once all its records are written: hashing many at a time is twice as fast.
//!
//! A record id is the SHA-256 of a record's canonical bytes. An idempotency key is the SHA-256 over the RFC 8785 bytes of the array of
//! `dedupe.keys`' values. It compares no records.

use std::ops::Range;

use chartly_digest::hex;

use crate::output::{LINE_ID, Output};
use crate::plan::Plan;

impl Output {
    /// Compute the record ids and keys of the records that have none yet, and write the ids into their lines.
    pub(crate) fn fill_digests(&mut self, plan: &Plan) {
        let filled = self.record_ids.len();
        chartly_digest::digest_ranges_on(
            plan.instructions.digest,
            &self.text,
            &self.canonical[filled..],
            &mut self.record_ids,
        );
        for (range, digest) in self.canonical[filled..].iter().zip(&self.record_ids[filled..]) {
            let at = range.end + LINE_ID.len();
            self.text[at..at + chartly_digest::HEX_BYTES].copy_from_slice(&hex(digest));
        }
        if !plan.dedupe.is_empty() {
            append_keys(plan, self, filled);
        }
    }
}

/// Append the keys of the records from `first` on. An absent field counts as `null`. Where all fields are absent, the record id is the key.
fn append_keys(plan: &Plan, output: &mut Output, first: usize) {
    let mut text = Vec::new();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let width = plan.fields.len();
    for cells in output.cells[first * width..].chunks_exact(width) {
        let start = text.len();
        for (index, &position) in plan.dedupe.iter().enumerate() {
            text.push(if index == 0 { b'[' } else { b',' });
            let cell = cells[position];
            text.extend_from_slice(if cell.is_absent() { b"null" } else { &output.text[cell.range()] });
        }
        text.push(b']');
        ranges.push(start..text.len());
    }
    chartly_digest::digest_ranges_on(plan.instructions.digest, &text, &ranges, &mut output.keys);
    for (index, cells) in output.cells[first * width..].chunks_exact(width).enumerate() {
        if plan.dedupe.iter().all(|&position| cells[position].is_absent()) {
            output.keys[first + index] = output.record_ids[first + index];
        }
    }
}
