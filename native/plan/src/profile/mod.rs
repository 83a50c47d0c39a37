//! Read a normalizer profile strictly into types. It knows the format, not how profiles run.

mod field;
mod read;
mod spec;

pub(crate) use field::{FieldSpec, OpSpec, Source};
pub(crate) use read::escape_pointer;
pub(crate) use spec::{InputKind, Profile};
