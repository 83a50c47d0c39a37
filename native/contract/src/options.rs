//! What a schema is compiled with, besides itself.

use std::collections::BTreeMap;

use chartly_json::Node;

/// Schemas that references may lead to, by their URIs. Nothing is ever fetched.
pub type Resources = BTreeMap<String, Node<'static>>;

/// How a schema is read where the standard leaves a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether `format` is asserted. Contracts assert it; JSON Schema by itself only annotates.
    pub assert_formats: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { assert_formats: true }
    }
}
