//! A bound on the cost of evaluating queries. A query with several `..`, or one that filters by another query, can
//! visit far more nodes than a document has, so queries on foreign documents are evaluated within a bound.

use std::cell::Cell;

/// Bytes of text that count as one node where a filter reads text. Visiting a node and reading that many bytes both
/// take about ten nanoseconds.
const BYTES_A_NODE: usize = 16;

/// The cost of compiling a pattern of the document, in nodes, in addition to its bytes.
pub(crate) const PATTERN_NODES: u64 = 256;

/// The number of nodes that may still be visited. Several evaluations may share it.
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
    /// Return a bound of this many nodes.
    #[must_use]
    pub const fn of(nodes: u64) -> Self {
        Self { left: Cell::new(nodes), is_spent: Cell::new(false) }
    }

    /// Return no bound, for trusted documents and queries.
    #[must_use]
    pub const fn unbounded() -> Self {
        Self::of(u64::MAX)
    }

    /// Take from the bound, for other work than queries too. Return false when not enough is left; every later call
    /// then fails as well.
    #[inline]
    pub fn take(&self, nodes: u64) -> bool {
        if let Some(left) = self.left.get().checked_sub(nodes) {
            self.left.set(left);
            return !self.is_spent.get();
        }
        self.is_spent.set(true);
        false
    }

    /// Return whether a call has already been refused.
    #[must_use]
    pub const fn is_spent(&self) -> bool {
        self.is_spent.get()
    }

    /// Take the cost of reading text.
    pub(crate) fn take_bytes(&self, bytes: usize) -> bool {
        self.take((bytes / BYTES_A_NODE) as u64)
    }

    /// Return the result of an evaluation that may have stopped.
    pub(crate) fn outcome<T>(&self, result: T) -> Result<T, EffortExceeded> {
        if self.is_spent.get() { Err(EffortExceeded) } else { Ok(result) }
    }
}
