//! Inputs as bytes: seeds that are written as text, and inputs of several parts, one a line.

/// Return the first lines and the rest; `None` when there are fewer.
pub(crate) fn split<const N: usize>(input: &[u8]) -> Option<[&[u8]; N]> {
    let mut parts = input.splitn(N, |byte| *byte == b'\n');
    let mut out = [&input[..0]; N];
    for part in &mut out {
        *part = parts.next()?;
    }
    Some(out)
}

/// Return seeds that are written as text as bytes.
pub(crate) fn owned(seeds: &[&str]) -> Vec<Vec<u8>> {
    seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect()
}
