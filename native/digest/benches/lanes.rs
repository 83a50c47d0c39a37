//! Measure one of many 150-byte messages on each path. (`cargo bench -p chartly-digest`)

use std::hint::black_box;
use std::time::Instant;

use chartly_digest::{Path, digest_many_on};

const MESSAGES: usize = 1024;
const REPEATS: usize = 1000;

fn main() {
    for (name, lengths) in [("150", [150; 4]), ("64..190", [64, 130, 150, 190])] {
        let messages: Vec<Vec<u8>> = (0..MESSAGES).map(|index| vec![b'x'; lengths[index % lengths.len()]]).collect();
        for path in Path::ALL.into_iter().filter(|path| path.is_available()) {
            let mut best_ns = f64::MAX;
            let mut digests = Vec::with_capacity(MESSAGES);
            for _ in 0..REPEATS {
                digests.clear();
                let start = Instant::now();
                digest_many_on(path, messages.iter().map(Vec::as_slice), black_box(&mut digests));
                #[expect(clippy::cast_precision_loss, reason = "a thousand messages")]
                let each = start.elapsed().as_secs_f64() * 1e9 / MESSAGES as f64;
                best_ns = best_ns.min(each);
            }
            println!("{path:?}, {name} bytes: {best_ns:.1} ns a message");
        }
    }
}
