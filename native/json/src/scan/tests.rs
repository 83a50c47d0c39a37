//! All kernels agree with each other and with a scan that reads one byte after another.

use proptest::prelude::*;

use super::{CLOSING_QUOTE, Kernel, SENTINELS, Tokens, scan_lines_on};

const KERNELS: [Kernel; 3] = [Kernel::Portable, Kernel::Avx2, Kernel::Avx512];

/// Return the positions and kinds that a state machine over bytes finds.
fn slowly(bytes: &[u8]) -> (Vec<u32>, Vec<u8>) {
    let (mut positions, mut kinds) = (Vec::new(), Vec::new());
    let (mut in_string, mut escaped, mut in_scalar) = (false, false, false);
    for (position, &byte) in (0_u32..).zip(bytes) {
        let was_escaped = std::mem::take(&mut escaped);
        let is_quote = byte == b'"' && !was_escaped;
        if byte == b'\\' && !was_escaped {
            escaped = true;
        }
        let kind = match byte {
            b'\n' => {
                (escaped, in_string) = (false, false);
                Some(b'\n')
            }
            _ if in_string && is_quote => Some(CLOSING_QUOTE),
            _ if in_string => None,
            b'{' | b'}' | b'[' | b']' | b':' | b',' => Some(byte),
            b' ' | b'\t' | b'\r' => None,
            _ if in_scalar && !is_quote => None,
            b'0'..=b'9' => Some(b'0'),
            _ => Some(byte),
        };
        let is_plain = !matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',' | b' ' | b'\t' | b'\r' | b'\n');
        in_scalar = is_plain && !is_quote && !in_string;
        if is_quote {
            in_string = !in_string;
        }
        if let Some(kind) = kind {
            positions.push(position);
            kinds.push(kind);
        }
    }
    (positions, kinds)
}

fn scanned(kernel: Kernel, bytes: &[u8]) -> (Vec<u32>, Vec<u8>, Vec<u32>) {
    let mut tokens = Tokens::default();
    scan_lines_on(kernel, bytes, &mut tokens);
    let count = tokens.positions().len() - SENTINELS;
    assert_eq!(count, tokens.count());
    (tokens.positions()[..count].to_vec(), tokens.kinds()[..count].to_vec(), tokens.suspects().to_vec())
}

/// Return the numbers of the lines, from 1, that have a suspect. A line includes its ending.
fn suspected_lines(kernel: Kernel, bytes: &[u8]) -> Vec<usize> {
    let line_of = |&place: &u32| bytes[..place as usize].split(|byte| *byte == b'\n').count();
    let mut lines: Vec<usize> = scanned(kernel, bytes).2.iter().map(line_of).collect();
    lines.dedup();
    lines
}

/// Return bytes that matter to the scan, long enough to cross blocks.
fn jsonish() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        8 => Just(b'"'), 4 => Just(b'\\'), 2 => Just(b'\n'), 6 => prop::sample::select(b"{}[]:,".to_vec()),
        3 => prop::sample::select(b" \t\r".to_vec()), 12 => prop::sample::select(b"ab019-truefnls/".to_vec()),
        1 => any::<u8>().prop_filter("controls look like operators to a nibble table", |byte| *byte >= 0x20),
    ];
    prop::collection::vec(byte, 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Every kernel finds the same tokens as the scan byte by byte.
    #[test]
    fn finds_the_tokens(bytes in jsonish()) {
        let (positions, kinds) = slowly(&bytes);
        for kernel in KERNELS.into_iter().filter(|kernel| kernel.is_available()) {
            let found = scanned(kernel, &bytes);
            prop_assert_eq!(&found.0, &positions, "{:?}", kernel);
            prop_assert_eq!(&found.1, &kinds, "{:?}", kernel);
        }
    }

    /// Every line that isn't UTF-8 has a suspect. (A line after it may have one without need.)
    #[test]
    fn suspects_every_malformed_line(bytes in prop::collection::vec(prop_oneof![3 => any::<u8>(), 1 => Just(b'\n')], 0..300)) {
        for kernel in KERNELS.into_iter().filter(|kernel| kernel.is_available()) {
            let suspected = suspected_lines(kernel, &bytes);
            for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
                prop_assert!(std::str::from_utf8(line).is_ok() || suspected.contains(&(number + 1)), "{:?}", kernel);
            }
        }
    }

    /// Bytes that aren't UTF-8 always have a suspect, and valid text never has one for its characters.
    #[test]
    fn suspects_what_is_not_utf8(text in "[a-zé中😀\u{7ff}\u{ffff}]{0,90}", at in 0_usize..300, byte: u8) {
        let mut bytes = text.clone().into_bytes();
        for kernel in KERNELS.into_iter().filter(|kernel| kernel.is_available()) {
            prop_assert!(scanned(kernel, &bytes).2.is_empty());
        }
        if !bytes.is_empty() {
            let at = at % bytes.len();
            bytes[at] = byte;
            let is_text = std::str::from_utf8(&bytes).is_ok();
            for kernel in KERNELS.into_iter().filter(|kernel| kernel.is_available()) {
                let suspects = scanned(kernel, &bytes).2;
                prop_assert!(is_text || !suspects.is_empty(), "{:?}", kernel);
            }
        }
    }
}

/// A string without an end affects only its own line.
#[test]
fn restarts_after_a_malformed_line() {
    let bytes = b"{\"a\":\"oh\n{\"b\":1}\n";
    for kernel in KERNELS.into_iter().filter(|kernel| kernel.is_available()) {
        let (_, kinds, _) = scanned(kernel, bytes);
        assert_eq!(kinds, b"{\"\x02:\"\n{\"\x02:0}\n", "{kernel:?}");
    }
}

/// Invalid escapes, unpaired surrogates and control characters are suspects; valid ones are not.
#[test]
fn suspects_escapes_and_controls() {
    let good: [&[u8]; 4] = [br#""\"\\\/\b\f\n\r\t""#, br#""\u0041""#, br#""\ud83d\ude00""#, b"\t\r\n\"x\x7f\""];
    let bad: [&[u8]; 7] =
        [br#""\x""#, br#""\ud83d""#, br#""\ude00""#, br#""\ud83dx\ude00""#, br#""\u00g0""#, b"\"\x01\"", b"\"\t\""];
    for kernel in KERNELS.into_iter().filter(|kernel| kernel.is_available()) {
        for bytes in good {
            assert!(scanned(kernel, bytes).2.is_empty(), "{kernel:?} {bytes:?}");
        }
        for bytes in bad {
            assert!(!scanned(kernel, bytes).2.is_empty(), "{kernel:?} {bytes:?}");
        }
    }
}

/// In one text of many lines, line feeds are no tokens, and are suspects within strings.
#[test]
fn scans_a_text_of_many_lines() {
    let mut tokens = Tokens::default();
    super::scan_text(b"{\n \"a\" :\r\n [ 1 ] }\n", &mut tokens);
    assert_eq!(&tokens.kinds()[..tokens.count()], b"{\"\x02:[0]}");
    assert!(tokens.suspects().is_empty());
    super::scan_text(b"[\"a\nb\"]", &mut tokens);
    assert_eq!(tokens.suspects(), [3]);
}
