//! Decide about each record of a batch, given the keys that the dataset has. It reads no index: the caller probes
//! before.
//!
//! The result does not depend on batches: deciding a batch at once, or record by record with an updated index, gives
//! the same keys with the same record ids.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::{IndexError, Key, RecordId, Result};

/// What a dataset does with other content under an existing key (`dedupe.policy` of the profile).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The first record stays.
    First,
    /// The last record replaces the one before.
    Last,
    /// The first record stays; the other goes to quarantine as `DUPLICATE_CONFLICT`.
    Quarantine,
}

/// The verdict on one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum Verdict {
    /// Its key is new: append it.
    New = 0,
    /// Its key has other content, which it replaces: append it, and remove the old record.
    Replaces = 1,
    /// The dataset, or an earlier record of the batch, has the same content under its key: drop it.
    Duplicate = 2,
    /// Another record with its key and other content wins by policy: drop it.
    Superseded = 3,
    /// Its key has other content, and the policy is quarantine.
    Conflict = 4,
}

impl Verdict {
    /// Return whether the record is added to the dataset.
    #[must_use]
    pub fn is_kept(self) -> bool {
        matches!(self, Self::New | Self::Replaces)
    }
}

/// The number of records with each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the verdict of its name")]
pub struct Counts {
    pub new: u64,
    pub replaces: u64,
    pub duplicate: u64,
    pub superseded: u64,
    pub conflict: u64,
}

/// The verdicts of a batch, in the order of its records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deduped {
    /// One verdict a record.
    pub verdicts: Vec<Verdict>,
    /// The number of each verdict.
    pub counts: Counts,
}

/// The current record of a key: one of the dataset, or one of the batch at a position.
struct Holder {
    record: RecordId,
    position: Option<usize>,
}

/// Hashes keys, which are digests, word by word. A secret of the batch is mixed in, so that nobody can construct keys
/// that collide.
#[derive(Clone, Copy)]
struct Digests {
    secret: u64,
}

impl Digests {
    fn new() -> Self {
        Self { secret: RandomState::new().hash_one(0_u8) | 1 }
    }
}

impl BuildHasher for Digests {
    type Hasher = DigestHasher;

    fn build_hasher(&self) -> DigestHasher {
        DigestHasher { secret: self.secret, mixed: 0 }
    }
}

struct DigestHasher {
    secret: u64,
    mixed: u64,
}

impl Hasher for DigestHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let product = u128::from(self.mixed ^ u64::from_le_bytes(word) ^ self.secret) * u128::from(self.secret);
            // Both halves are used: the high one depends on all bits below it.
            #[allow(clippy::cast_possible_truncation)]
            {
                self.mixed = (product >> 64) as u64 ^ product as u64;
            }
        }
    }

    fn finish(&self) -> u64 {
        self.mixed
    }
}

/// Decide about every record of a batch. `held` is the record that the dataset has under each key, as
/// [`DatasetIndex::probe`] returns it.
///
/// [`DatasetIndex::probe`]: crate::DatasetIndex::probe
///
/// # Errors
/// [`IndexError::Lengths`] when keys, records and `held` differ in length.
pub fn dedupe(keys: &[Key], records: &[RecordId], held: &[Option<RecordId>], policy: Policy) -> Result<Deduped> {
    if records.len() != keys.len() || held.len() != keys.len() {
        let records = if records.len() == keys.len() { held.len() } else { records.len() };
        return Err(IndexError::Lengths { keys: keys.len(), records });
    }
    let mut holders: HashMap<&Key, Holder, Digests> = HashMap::with_capacity_and_hasher(keys.len(), Digests::new());
    let mut verdicts = Vec::with_capacity(keys.len());
    for (position, (key, record)) in keys.iter().zip(records).enumerate() {
        let held = held[position];
        let verdict = match holders.get(key) {
            Some(holder) if holder.record == *record => Verdict::Duplicate,
            Some(holder) => match policy {
                Policy::First => Verdict::Superseded,
                Policy::Quarantine => Verdict::Conflict,
                Policy::Last => {
                    if let Some(earlier) = holder.position {
                        verdicts[earlier] = Verdict::Superseded;
                    }
                    replacing(held, record)
                }
            },
            None => match (held, policy) {
                (None, _) => Verdict::New,
                (Some(held), _) if held == *record => Verdict::Duplicate,
                (Some(_), Policy::First) => Verdict::Superseded,
                (Some(_), Policy::Quarantine) => Verdict::Conflict,
                (Some(_), Policy::Last) => Verdict::Replaces,
            },
        };
        verdicts.push(verdict);
        let holder = holders.entry(key);
        if verdict.is_kept() {
            holder.insert_entry(Holder { record: *record, position: Some(position) });
        } else if policy == Policy::Last && held == Some(*record) {
            // The key has the dataset's record again, and no record of the batch.
            holder.insert_entry(Holder { record: *record, position: None });
        } else if let Some(record) = held {
            holder.or_insert(Holder { record, position: None });
        }
    }
    let counts = count(&verdicts);
    Ok(Deduped { verdicts, counts })
}

/// Return the verdict on a record that replaces an earlier one of its batch.
fn replacing(held: Option<RecordId>, record: &RecordId) -> Verdict {
    match held {
        None => Verdict::New,
        Some(held) if held == *record => Verdict::Duplicate,
        Some(_) => Verdict::Replaces,
    }
}

fn count(verdicts: &[Verdict]) -> Counts {
    let mut counts = Counts::default();
    for verdict in verdicts {
        *match verdict {
            Verdict::New => &mut counts.new,
            Verdict::Replaces => &mut counts.replaces,
            Verdict::Duplicate => &mut counts.duplicate,
            Verdict::Superseded => &mut counts.superseded,
            Verdict::Conflict => &mut counts.conflict,
        } += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::{Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};
    use proptest::strategy::Just;

    use super::{Policy, Verdict, dedupe};
    use crate::IndexError;

    const A: [u8; 32] = [1; 32];
    const B: [u8; 32] = [2; 32];

    fn verdicts(records: &[[u8; 32]], held: Option<[u8; 32]>, policy: Policy) -> Vec<Verdict> {
        let keys = vec![[9; 32]; records.len()];
        let held = vec![held; records.len()];
        dedupe(&keys, records, &held, policy).expect("lengths are equal").verdicts
    }

    /// The same content under a key is a duplicate with every policy.
    #[test]
    fn same_content_is_a_duplicate() {
        for policy in [Policy::First, Policy::Last, Policy::Quarantine] {
            assert_eq!(verdicts(&[A, A], None, policy), [Verdict::New, Verdict::Duplicate]);
            assert_eq!(verdicts(&[A], Some(A), policy), [Verdict::Duplicate]);
        }
    }

    /// Other content is dropped, wins or goes to quarantine, depending on the policy.
    #[test]
    fn other_content_follows_the_policy() {
        use Verdict::{Conflict, New, Replaces, Superseded};
        assert_eq!(verdicts(&[A, B], None, Policy::First), [New, Superseded]);
        assert_eq!(verdicts(&[A, B], None, Policy::Last), [Superseded, New]);
        assert_eq!(verdicts(&[A, B], None, Policy::Quarantine), [New, Conflict]);
        assert_eq!(verdicts(&[B], Some(A), Policy::First), [Superseded]);
        assert_eq!(verdicts(&[B], Some(A), Policy::Last), [Replaces]);
        assert_eq!(verdicts(&[B], Some(A), Policy::Quarantine), [Conflict]);
    }

    /// A batch that ends with the dataset's own content of a key changes nothing.
    #[test]
    fn a_batch_may_end_with_the_held_content() {
        use Verdict::{Duplicate, Superseded};
        assert_eq!(verdicts(&[B, A], Some(A), Policy::Last), [Superseded, Duplicate]);
    }

    /// Columns of different lengths are refused.
    #[test]
    fn lengths_differ() {
        let refused = dedupe(&[A, B], &[A], &[None, None], Policy::First);
        assert!(matches!(refused, Err(IndexError::Lengths { keys: 2, records: 1 })));
    }

    fn policies() -> impl Strategy<Value = Policy> {
        prop_oneof![Just(Policy::First), Just(Policy::Last), Just(Policy::Quarantine)]
    }

    /// Run the batches in order on a dataset in memory and return its content.
    fn run(batches: &[&[(u8, u8)]], policy: Policy) -> BTreeMap<[u8; 32], [u8; 32]> {
        let mut dataset = BTreeMap::new();
        for batch in batches {
            let keys: Vec<_> = batch.iter().map(|(key, _)| [*key; 32]).collect();
            let records: Vec<_> = batch.iter().map(|(_, record)| [*record; 32]).collect();
            let held: Vec<_> = keys.iter().map(|key| dataset.get(key).copied()).collect();
            let deduped = dedupe(&keys, &records, &held, policy).expect("lengths are equal");
            for (position, verdict) in deduped.verdicts.iter().enumerate() {
                let before = dataset.get(&keys[position]).copied();
                match verdict {
                    Verdict::New => assert_eq!(before, None),
                    Verdict::Replaces => assert_ne!(before, None),
                    _ => continue,
                }
                dataset.insert(keys[position], records[position]);
            }
        }
        dataset
    }

    proptest! {
        /// One batch, or one batch a record, gives the same dataset.
        #[test]
        fn chunking_does_not_matter(
            records in prop::collection::vec((0..4_u8, 0..3_u8), 0..40),
            cut in any::<prop::sample::Index>(),
            policy in policies(),
        ) {
            let singles: Vec<_> = records.chunks(1).collect();
            let cut = cut.index(records.len() + 1);
            let one_by_one = run(&singles, policy);
            prop_assert_eq!(run(&[&records], policy), one_by_one.clone());
            prop_assert_eq!(run(&[&records[..cut], &records[cut..]], policy), one_by_one);
        }
    }
}
