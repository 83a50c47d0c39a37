//! Mutation without instrumentation, for the short run on any compiler. It starts from seeds that reach the corner
//! cases.

/// A small random generator (SplitMix64): the same seed gives the same inputs on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Return a number below `bound`, which must be above zero.
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap_or(0)
    }
}

/// Call `check` with `inputs` mutations of the seeds, the same ones for the same `seed`.
///
/// A failure prints its input, so that it can be kept as a regression.
pub fn mutate(seeds: &[Vec<u8>], inputs: u64, seed: u64, check: impl Fn(&[u8])) {
    let mut random = Random(seed);
    for _ in 0..inputs {
        let mut input = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(4) {
            mutate_once(&mut input, seeds, &mut random);
        }
        let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&input)));
        if let Err(panic) = failed {
            eprintln!("the input that failed: {}", input.escape_ascii());
            std::panic::resume_unwind(panic);
        }
    }
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
