//! Documents: bytes in, canonical bytes out.

use chartly_json::{Limits, parse};

use crate::value::write_node;
use crate::{CanonicalError, Precision};

/// Return the RFC 8785 bytes of a JSON text. Numbers are rounded to the nearest double, as RFC 8785 §3.2.2.3 requires.
///
/// A document nested deeper than [`chartly_json::DEPTH_CEILING`] is refused.
///
/// # Errors
/// [`CanonicalError::Parse`] when the bytes are not I-JSON; [`CanonicalError::DuplicateKey`] when a key repeats;
/// [`CanonicalError::Number`] when a number is beyond the largest double.
pub fn canonicalize(bytes: &[u8]) -> Result<Vec<u8>, CanonicalError> {
    let node = parse(bytes, Limits::WIDEST)?;
    if let Some(duplicate) = node.first_duplicate_deep() {
        return Err(CanonicalError::DuplicateKey { offset: duplicate.key_span.start as usize });
    }
    let mut out = Vec::with_capacity(bytes.len());
    write_node(&node, Precision::Nearest, &mut out)?;
    Ok(out)
}
