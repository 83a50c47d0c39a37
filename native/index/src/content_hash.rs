//! The content hash of a dataset: `LtHash16` over the multiset of {idempotency key, record id}. It does not read the
//! dataset.
//!
//! Each element expands to 1,024 words of 16 bits, and the state is their sum, word by word, modulo 2^16. Adding,
//! removing and merging are sums, so the hash does not depend on order or on chunks, and updating it never reads the
//! dataset. Finding two sets of equal state is a short-integer-solution problem. 16 bits and 1,024 words give at least
//! 200 bits of security: Lewi, Kim, Maykov, Weis, "Securing Update Propagation with Homomorphic Hashing", IACR ePrint
//! 2019/227, §5 (their `lthash16`; after Bellare and Micciancio 1997).
//!
//! The paper expands with BLAKE2X. Here it is BLAKE3's extendable output (as in Solana's accounts hash), in key
//! derivation mode, so that no other use of BLAKE3 gives the same words. Words are little-endian, and so is the stored
//! state.

use crate::{Key, RecordId};

/// Words of the state. With 16-bit words, the parameters of the paper.
const WORDS: usize = 1024;

/// Bytes of the state.
pub const STATE_BYTES: usize = WORDS * 2;

/// The context string of BLAKE3's key derivation: application, purpose and version. It never changes.
const CONTEXT: &str = "chartly 2026-11-21 dataset content hash lthash16 v1";

/// The incremental hash of a multiset.
#[derive(Clone, PartialEq, Eq)]
pub struct ContentHash {
    words: Box<[u16; WORDS]>,
}

impl Default for ContentHash {
    fn default() -> Self {
        Self { words: Box::new([0; WORDS]) }
    }
}

impl std::fmt::Debug for ContentHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hex = chartly_digest::hex(&self.digest());
        write!(formatter, "ContentHash({})", String::from_utf8_lossy(&hex))
    }
}

impl ContentHash {
    /// Return the hash with a state of [`ContentHash::to_bytes`].
    #[must_use]
    pub fn from_bytes(state: &[u8; STATE_BYTES]) -> Self {
        let mut hash = Self::default();
        for (word, bytes) in hash.words.iter_mut().zip(state.as_chunks().0) {
            *word = u16::from_le_bytes(*bytes);
        }
        hash
    }

    /// Return the state, to be stored with the dataset.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; STATE_BYTES] {
        let mut state = [0; STATE_BYTES];
        for (bytes, word) in state.as_chunks_mut().0.iter_mut().zip(self.words.iter()) {
            *bytes = word.to_le_bytes();
        }
        state
    }

    /// Return the SHA-256 of the state, which is shown, compared and written into the ledger.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        chartly_digest::digest(&self.to_bytes())
    }

    /// Add elements: pairs of a key and a record id.
    pub fn add<'e>(&mut self, elements: impl IntoIterator<Item = (&'e Key, &'e RecordId)>) {
        expand(elements, |word, value| *word = word.wrapping_add(value), &mut self.words);
    }

    /// Remove elements. They must have been added, which the state can't check.
    pub fn remove<'e>(&mut self, elements: impl IntoIterator<Item = (&'e Key, &'e RecordId)>) {
        expand(elements, |word, value| *word = word.wrapping_sub(value), &mut self.words);
    }

    /// Add all elements of another multiset.
    pub fn merge(&mut self, other: &Self) {
        for (word, value) in self.words.iter_mut().zip(other.words.iter()) {
            *word = word.wrapping_add(*value);
        }
    }

    /// Remove all elements of another multiset. They must have been added.
    pub fn subtract(&mut self, other: &Self) {
        for (word, value) in self.words.iter_mut().zip(other.words.iter()) {
            *word = word.wrapping_sub(*value);
        }
    }
}

fn expand<'e>(
    elements: impl IntoIterator<Item = (&'e Key, &'e RecordId)>,
    combine: impl Fn(&mut u16, u16),
    words: &mut [u16; WORDS],
) {
    let derivation = blake3::Hasher::new_derive_key(CONTEXT);
    let mut output = [0; STATE_BYTES];
    let mut input = [0; size_of::<Key>() + size_of::<RecordId>()];
    for (key, record) in elements {
        input[..size_of::<Key>()].copy_from_slice(key);
        input[size_of::<Key>()..].copy_from_slice(record);
        derivation.clone().update(&input).finalize_xof().fill(&mut output);
        for (word, bytes) in words.iter_mut().zip(output.as_chunks().0) {
            combine(word, u16::from_le_bytes(*bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert_eq, prop_assert_ne, proptest};

    use super::{ContentHash, STATE_BYTES};

    fn of(elements: &[([u8; 32], [u8; 32])]) -> ContentHash {
        let mut hash = ContentHash::default();
        hash.add(elements.iter().map(|(key, record)| (key, record)));
        hash
    }

    /// The digests of the empty set and of one element are those of version 1, so that stored hashes stay comparable.
    #[test]
    fn known_digests() {
        let hex = |hash: ContentHash| String::from_utf8_lossy(&chartly_digest::hex(&hash.digest())).into_owned();
        assert_eq!(hex(ContentHash::default()), "e5a00aa9991ac8a5ee3109844d84a55583bd20572ad3ffcd42792f3c36b183ad");
        assert_eq!(hex(of(&[([1; 32], [2; 32])])), "562583a9b9a222dfb27252edc61d98cf7fad4ce98ce8f67b1257bda1c18e1d5f");
    }

    /// The first words of an element are the first bytes of BLAKE3's derived output.
    #[test]
    fn expands_with_blake3() {
        let mut input = vec![1; 32];
        input.extend([2; 32]);
        let mut hasher = blake3::Hasher::new_derive_key(super::CONTEXT);
        hasher.update(&input);
        assert_eq!(of(&[([1; 32], [2; 32])]).to_bytes()[..32], *hasher.finalize().as_bytes());
    }

    proptest! {
        /// Order does not matter, removing undoes adding, merging adds, and the state can be stored.
        #[test]
        fn is_a_multiset_hash(
            mut elements in prop::collection::vec(any::<([u8; 32], [u8; 32])>(), 1..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let whole = of(&elements);
            let (left, right) = elements.split_at(cut.index(elements.len()));
            let mut merged = of(left);
            merged.merge(&of(right));
            prop_assert_eq!(&merged, &whole);
            merged.remove(right.iter().map(|(key, record)| (key, record)));
            prop_assert_eq!(&merged, &of(left));
            let mut rest = whole.clone();
            rest.subtract(&of(right));
            prop_assert_eq!(&rest, &of(left));
            prop_assert_eq!(&ContentHash::from_bytes(&whole.to_bytes()), &whole);
            prop_assert_eq!(whole.to_bytes().len(), STATE_BYTES);
            elements.reverse();
            prop_assert_eq!(&of(&elements), &whole);
            elements.push(elements[0]);
            prop_assert_ne!(&of(&elements), &whole, "an element counts as often as it is there");
        }
    }
}
