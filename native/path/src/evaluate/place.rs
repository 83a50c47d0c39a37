//! How an evaluation remembers where it is, or doesn't.

/// Extended by one step at a time, from the root.
pub(crate) trait Place {
    fn name(&self, name: &str) -> Self;
    fn index(&self, index: usize) -> Self;
}

impl Place for () {
    fn name(&self, _: &str) -> Self {}
    fn index(&self, _: usize) -> Self {}
}
