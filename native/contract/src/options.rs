//! The inputs of a compilation besides the schema.

use std::collections::BTreeMap;

use chartly_json::Node;

/// Schemas that references may lead to, by URI. Nothing is fetched.
pub type Resources = BTreeMap<String, Node<'static>>;

/// The choices that the standard leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether `format` is asserted. Contracts assert it; by default JSON Schema only annotates.
    pub assert_formats: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { assert_formats: true }
    }
}
