//! Indexes of schemas and resources. They are how compiled schemas refer to each other.

/// A schema's place in the arena. Schemas refer to each other by it, so that they may be recursive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SchemaId(pub(crate) usize);

/// A resource's place in the list of those that a contract uses: the unit of dynamic scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ResourceId(pub(crate) usize);
