//! The grammar of RFC 8259 §6. It says whether text is a number, not what it is worth.

/// Whether `text` is exactly one JSON number: no spaces, `+`, leading zeros, `_`, hex or digits of other scripts.
///
/// ```
/// use chartly_json::number::is_json_number;
///
/// assert!(["0", "-0.0", "19.99", "1E+2"].into_iter().all(is_json_number));
/// assert!(!["", "+5", " 1", "007", "1.", ".5", "1e", "0x1", "NaN"].into_iter().any(is_json_number));
/// ```
#[must_use]
pub fn is_json_number(text: &str) -> bool {
    end_of_number(text.as_bytes(), 0) == Ok(text.len())
}

/// Offset after the number that starts at `start`.
///
/// # Errors
/// The offset at which the bytes stop being a number; `bytes.len()` when they end too early. What follows a complete
/// number is the caller's business, except a digit after a leading zero, which no reader may take for another number.
#[inline]
pub fn end_of_number(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let mut position = start + usize::from(bytes.get(start) == Some(&b'-'));
    let after_integer = digits(bytes, position)?;
    if bytes[position] == b'0' && after_integer > position + 1 {
        return Err(position + 1);
    }
    position = after_integer;
    if bytes.get(position) == Some(&b'.') {
        position = digits(bytes, position + 1)?;
    }
    if matches!(bytes.get(position), Some(b'e' | b'E')) {
        let signed = matches!(bytes.get(position + 1), Some(b'+' | b'-'));
        position = digits(bytes, position + 1 + usize::from(signed))?;
    }
    Ok(position)
}

/// Offset after the digits at `position`; there is at least one.
#[inline]
fn digits(bytes: &[u8], position: usize) -> Result<usize, usize> {
    let mut end = position;
    while bytes.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    if end == position { Err(position.min(bytes.len())) } else { Ok(end) }
}
