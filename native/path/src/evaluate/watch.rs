//! The interface by which an evaluation reports what it reads.

use chartly_json::{Node, Object};

/// Receives everything that an evaluation reads.
pub(crate) trait Watch {
    /// A name selector, a wildcard or a filter is applied to this object.
    fn object(&mut self, object: &Object<'_>);
    /// A filter uses this value as a whole.
    fn whole(&mut self, node: &Node<'_>);
}

/// An evaluation whose reads are not recorded.
impl Watch for () {
    fn object(&mut self, _: &Object<'_>) {}
    fn whole(&mut self, _: &Node<'_>) {}
}
