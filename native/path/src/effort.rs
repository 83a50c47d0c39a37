//! How much evaluating queries may cost. A query with several `..`, or one that filters by another query, can visit far more
//! nodes than a document has; whoever evaluates queries on documents of others sets a bound.

use std::cell::Cell;

/// Bytes of text that count as one node where a filter reads text: a node takes some ten nanoseconds, as that many bytes do.
const BYTES_A_NODE: usize = 16;

/// What compiling a pattern that the document holds counts, beside its bytes.
pub(crate) const PATTERN_NODES: u64 = 256;

/// Nodes that may still be visited, shared by as many evaluations as its owner likes.
#[derive(Debug)]
pub struct Effort {
    left: Cell<u64>,
    is_spent: Cell<bool>,
}

/// A query would have visited more nodes than its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the query visits more nodes than its bound")]
pub struct EffortExceeded;

impl Effort {
    /// So many nodes.
    #[must_use]
    pub const fn of(nodes: u64) -> Self {
        Self { left: Cell::new(nodes), is_spent: Cell::new(false) }
    }

    /// As many as it takes, for documents and queries of one's own.
    #[must_use]
    pub const fn unbounded() -> Self {
        Self::of(u64::MAX)
    }

    /// Takes some, for work beside queries too; false when they aren't there, and then everything that asks stops.
    #[inline]
    pub fn take(&self, nodes: u64) -> bool {
        if let Some(left) = self.left.get().checked_sub(nodes) {
            self.left.set(left);
            return !self.is_spent.get();
        }
        self.is_spent.set(true);
        false
    }

    /// Whether something was refused already.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.is_spent.get()
    }

    /// Takes what reading text costs.
    pub(crate) fn take_bytes(&self, bytes: usize) -> bool {
        self.take((bytes / BYTES_A_NODE) as u64)
    }

    /// The result of an evaluation that may have stopped.
    pub(crate) fn outcome<T>(&self, result: T) -> Result<T, EffortExceeded> {
        if self.is_spent.get() { Err(EffortExceeded) } else { Ok(result) }
    }
}
