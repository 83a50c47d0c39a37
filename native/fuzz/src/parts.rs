//! Inputs of several parts: lines, the last of which takes the rest.

/// The first lines and the rest; `None` when there are fewer.
pub(crate) fn split<const N: usize>(input: &[u8]) -> Option<[&[u8]; N]> {
    let mut parts = input.splitn(N, |byte| *byte == b'\n');
    let mut out = [&input[..0]; N];
    for part in &mut out {
        *part = parts.next()?;
    }
    Some(out)
}
