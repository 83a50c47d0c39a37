//! How an evaluation records the place of a node, or doesn't.

/// A place that is extended by one step at a time, from the root.
pub(crate) trait Place {
    fn name(&self, name: &str) -> Self;
    fn index(&self, index: usize) -> Self;
}

impl Place for () {
    fn name(&self, _: &str) -> Self {}
    fn index(&self, _: usize) -> Self {}
}
