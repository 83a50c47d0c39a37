//! Idempotency keys: SHA-256 over the RFC 8785 bytes of the array of `dedupe.keys`' values. It compares no records.

use std::ops::Range;

use crate::output::Output;
use crate::plan::Plan;

/// Appends the keys of the records from `first` on. An absent field stands as `null`; when all are absent, nothing tells the
/// record apart but its content, and its id is its key.
pub(crate) fn append_keys(plan: &Plan, output: &mut Output, first: usize) {
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
