//! The indexes by which compiled schemas refer to each other.

/// The index of a schema in the arena. Indexes allow recursive schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SchemaId(pub(crate) usize);

/// The index of a resource in a contract's list of resources. A resource is the unit of dynamic scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ResourceId(pub(crate) usize);
