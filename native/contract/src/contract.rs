//! The public contract: compile once, validate often.

use std::collections::BTreeMap;

use chartly_json::{Node, Value};

use crate::{ContractError, ObjectShape, Violation};

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

/// A compiled schema. It is immutable and can be shared between threads.
#[derive(Debug)]
pub struct Contract {}

impl Contract {
    /// Compile a schema, with `format` asserted.
    ///
    /// # Errors
    /// The first thing that keeps the schema from being a contract.
    pub fn compile(schema: &Node<'_>, resources: &Resources) -> Result<Self, ContractError> {
        Self::compile_with(schema, resources, Options::default())
    }

    /// Compile a schema under options.
    ///
    /// # Errors
    /// The first thing that keeps the schema from being a contract.
    pub fn compile_with(_: &Node<'_>, _: &Resources, _: Options) -> Result<Self, ContractError> {
        unimplemented!("in the making")
    }

    /// Whether the instance meets the contract.
    #[must_use]
    pub fn is_valid(&self, _: &Value<'_>) -> bool {
        unimplemented!("in the making")
    }

    /// Everything that the instance breaks, by instance path, then by schema path, each as RFC 8785 orders keys.
    #[must_use]
    pub fn violations(&self, _: &Value<'_>) -> Vec<Violation> {
        unimplemented!("in the making")
    }

    /// The contract as a table of fields, for a plan that checks them itself; `None` when the root doesn't describe an
    /// object's members by name.
    #[must_use]
    pub fn shape(&self) -> Option<ObjectShape> {
        unimplemented!("in the making")
    }
}
