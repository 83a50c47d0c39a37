//! The layout of the lines of `rejected.ndjson`.

use std::io::Write as _;

use crate::place::Place;
use crate::reason::Reason;

/// Append one line.
pub(crate) fn write(place: Place, reasons: &[Reason], out: &mut Vec<u8>) {
    // Writing to a `Vec` cannot fail.
    let _ =
        write!(out, "{{\"line\":{},\"offset\":{},\"length\":{},\"reasons\":[", place.line, place.offset, place.length);
    for (index, reason) in reasons.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"reason\":\"");
        out.extend_from_slice(reason.code.as_str().as_bytes());
        out.push(b'"');
        for (key, text) in [("field", &reason.field), ("path", &reason.path), ("rule", &reason.rule)] {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(key.as_bytes());
            out.extend_from_slice(b"\":");
            chartly_canonical::write_string(text, out);
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"]}\n");
}
