//! Every path agrees with the crate `sha2`, for many lengths, batches and positions.

use chartly_digest::{Digest, Path, digest, digest_many_on, digest_ranges};
use sha2::{Digest as _, Sha256};

fn reference(message: &[u8]) -> Digest {
    Sha256::digest(message).into()
}

/// A xorshift generator: the test needs varied data that is the same each time, not quality.
struct Variety(u64);

impl Variety {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> usize {
        usize::try_from(self.next() % bound).expect("a bound of the test fits")
    }

    fn message(&mut self, bytes: usize) -> Vec<u8> {
        (0..bytes).map(|_| self.next().to_be_bytes()[3]).collect()
    }
}

fn assert_agrees(path: Path, messages: &[Vec<u8>]) {
    let mut digests = vec![[9; 32]];
    digest_many_on(path, messages.iter().map(Vec::as_slice), &mut digests);
    assert_eq!(digests.len(), messages.len() + 1);
    assert_eq!(digests[0], [9; 32], "what was there stays");
    for (message, digest) in messages.iter().zip(&digests[1..]) {
        assert_eq!(*digest, reference(message), "{path:?}, {} bytes", message.len());
    }
}

/// Every length from 0 to 300 is hashed right, next to messages of the same and of other lengths.
#[test]
fn every_short_length() {
    let mut variety = Variety(0x9e37_79b9_7f4a_7c15);
    for path in Path::ALL {
        let ascending: Vec<_> = (0..=300).map(|bytes| variety.message(bytes)).collect();
        assert_agrees(path, &ascending);
        for bytes in 0..=300 {
            let same: Vec<_> = (0..5).map(|_| variety.message(bytes)).collect();
            assert_agrees(path, &same);
        }
    }
}

/// Random batches of random lengths keep their order, across the bounds of lanes, chunks and length classes.
#[test]
fn random_batches() {
    let mut variety = Variety(42);
    for path in Path::ALL {
        for size in [0, 1, 2, 3, 4, 5, 255, 256, 257, 511, 1024] {
            let batch: Vec<_> = (0..size)
                .map(|_| {
                    let bound = [70, 200, 1100, 9000][variety.below(4)];
                    let bytes = variety.below(bound);
                    variety.message(bytes)
                })
                .collect();
            assert_agrees(path, &batch);
        }
    }
}

/// Ranges of one buffer hash like the slices they name, also when they overlap or are empty.
#[test]
fn ranges_of_a_buffer() {
    let buffer = Variety(7).message(4096);
    let ranges = [0..150, 100..250, 4096..4096, 0..4096, 1000..1119, 1000..1120];
    let mut digests = Vec::new();
    digest_ranges(&buffer, &ranges, &mut digests);
    for (range, got) in ranges.iter().zip(&digests) {
        assert_eq!(*got, reference(&buffer[range.clone()]));
        assert_eq!(*got, digest(&buffer[range.clone()]));
    }
}

/// The example digests of FIPS 180-2 appendix B are right, so that an error common to this crate and `sha2` would show.
#[test]
fn published_examples() {
    let examples: [(&[u8], &[u8; 64]); 2] = [
        (b"abc", b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            b"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ];
    for (message, want) in examples {
        for path in Path::ALL {
            let mut digests = Vec::new();
            digest_many_on(path, [message; 4], &mut digests);
            assert!(digests.iter().all(|digest| chartly_digest::hex(digest) == *want), "{path:?}");
        }
    }
}
