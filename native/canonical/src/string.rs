//! Strings: only characters that need it are escaped, in their shortest form (RFC 8785 §3.2.2.2).

use chartly_json::text::plain_until;

/// Write a string with its quotes.
///
/// ```
/// let mut out = Vec::new();
/// chartly_canonical::write_string("a\"b\u{1}€/\u{7f}", &mut out);
/// assert_eq!(out, "\"a\\\"b\\u0001€/\u{7f}\"".as_bytes());
/// ```
#[inline]
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    let mut written = 0;
    loop {
        let stop = plain_until(bytes, written);
        out.extend_from_slice(&bytes[written..stop]);
        let Some(&byte) = bytes.get(stop) else { break };
        write_escape(byte, out);
        written = stop + 1;
    }
    out.push(b'"');
}

#[cold]
fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        0x08 => b'b',
        0x09 => b't',
        0x0a => b'n',
        0x0c => b'f',
        0x0d => b'r',
        _ => {
            let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The written string is read back by serde_json as the same text, and serde_json writes the same bytes.
        #[test]
        fn agrees_with_serde_json(text in any::<String>()) {
            let mut out = Vec::new();
            write_string(&text, &mut out);
            prop_assert_eq!(out, serde_json::to_vec(&text).map_err(|error| TestCaseError::fail(error.to_string()))?);
        }
    }
}
