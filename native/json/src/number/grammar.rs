//! The grammar of RFC 8259 §6. It checks whether text is a number, without reading its value.

/// Return whether `text` is exactly one JSON number: no spaces, `+`, leading zeros, `_`, hex or digits of other
/// scripts.
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

/// Return the offset after the number that starts at `start`.
///
/// # Errors
/// The offset at which the bytes are no number any more; `bytes.len()` when they end too early. The bytes after a
/// complete number are not checked, except that a digit after a leading zero is an error.
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

/// Return the offset after the digits at `position`, of which there must be one.
#[inline]
fn digits(bytes: &[u8], position: usize) -> Result<usize, usize> {
    let mut end = position;
    while bytes.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    if end == position { Err(position.min(bytes.len())) } else { Ok(end) }
}
