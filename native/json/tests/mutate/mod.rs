//! Mutation of seeds, for harnesses that look for panics and disagreements.
//!
//! It needs no nightly compiler and no instrumentation: the seeds are the public suites, which go to the grammar's corners
//! already. `CHARTLY_FUZZ_SECONDS` says how long a harness runs (one second by default), `CHARTLY_FUZZ_SEED` where it starts.

use std::time::{Duration, Instant};

/// A small random generator (SplitMix64): the same seed gives the same inputs on every machine.
pub struct Random(u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above zero.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap_or(0)
    }
}

/// Call `check` with mutations of the seeds until the time is over; give how many there were.
///
/// A failing check is told with the input that failed, so that it can be kept as a regression.
pub fn mutate(seeds: &[Vec<u8>], mut check: impl FnMut(&[u8])) -> u64 {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let until = Instant::now() + Duration::from_secs(number("CHARTLY_FUZZ_SECONDS").unwrap_or(1));
    let mut random = Random(number("CHARTLY_FUZZ_SEED").unwrap_or(1));
    let mut inputs = 0;
    while Instant::now() < until {
        for _ in 0..64 {
            let mut input = seeds[random.below(seeds.len())].clone();
            for _ in 0..=random.below(4) {
                mutate_once(&mut input, seeds, &mut random);
            }
            let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&input)));
            if let Err(panic) = failed {
                eprintln!("the input that failed: {}", input.escape_ascii());
                std::panic::resume_unwind(panic);
            }
            inputs += 1;
        }
    }
    inputs
}

fn mutate_once(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    const TELLING: &[u8] = b"{}[]\",:\\/.-+eE0159 \n\ttfnu@$?*&|!()<>=^~#\x00\x1f\x7f\x80\xc3\xed\xf0\xff";
    let at = random.below(input.len() + 1);
    let rest = input.len() - at;
    match random.below(6) {
        0 => input.insert(at, TELLING[random.below(TELLING.len())]),
        1 if rest > 0 => input[at] = TELLING[random.below(TELLING.len())],
        2 if rest > 0 => input[at] ^= 1 << random.below(8),
        3 if rest > 0 => drop(input.drain(at..at + 1 + random.below(rest))),
        4 if rest > 0 => {
            let piece = input[at..at + 1 + random.below(rest.min(32))].to_vec();
            let to = random.below(input.len() + 1);
            input.splice(to..to, piece);
        }
        _ => {
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len() + 1);
            let piece = &other[from..(from + random.below(48)).min(other.len())];
            input.splice(at..at, piece.iter().copied());
        }
    }
}
