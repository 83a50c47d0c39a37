//! The public contract: compile once, validate often.

use std::collections::BTreeMap;

use chartly_json::{Node, Value};

use crate::place::{At, Place};
use crate::schema::{Arena, Run, SchemaId};
use crate::{ContractError, ObjectShape, Violation, compile, shape};

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
///
/// ```
/// use chartly_contract::{Contract, Resources};
/// use chartly_json::{Limits, parse};
///
/// let schema = parse(br#"{"properties": {"price": {"type": "number", "multipleOf": 0.01}}}"#, Limits::default())?;
/// let contract = Contract::compile(&schema, &Resources::new())?;
/// let sale = parse(br#"{"price": 19.999}"#, Limits::default())?;
/// let violations = contract.violations(&sale.value);
/// assert_eq!(violations[0].instance_path, "/price");
/// assert_eq!(violations[0].schema_path, "/properties/price/multipleOf");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Contract {
    arena: Arena,
    root: SchemaId,
}

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
    pub fn compile_with(schema: &Node<'_>, resources: &Resources, options: Options) -> Result<Self, ContractError> {
        let (arena, root) = compile::compile(schema, resources, options, true)?;
        Ok(Self { arena, root })
    }

    /// Compile a schema that needs no check against its meta-schema, since it is one.
    pub(crate) fn compile_trusted(
        schema: &Node<'_>,
        resources: &Resources,
        options: Options,
    ) -> Result<Self, ContractError> {
        let (arena, root) = compile::compile(schema, resources, options, false)?;
        Ok(Self { arena, root })
    }

    /// Whether the instance meets the contract.
    #[must_use]
    pub fn is_valid(&self, instance: &Value<'_>) -> bool {
        Run::new(&self.arena).is_valid(self.root, instance)
    }

    /// Everything that the instance breaks, by instance path, then by schema path, each as RFC 8785 orders keys.
    #[must_use]
    pub fn violations(&self, instance: &Value<'_>) -> Vec<Violation> {
        violations(&self.arena, self.root, instance)
    }

    /// The contract as a table of fields, for a plan that checks them itself; `None` when the root doesn't describe an
    /// object's members by name.
    #[must_use]
    pub fn shape(&self) -> Option<ObjectShape> {
        shape::of(&self.arena, self.root)
    }
}

/// All violations of a schema in the arena, in their order, each once.
pub(crate) fn violations(arena: &Arena, root: SchemaId, instance: &Value<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    let at = At { instance: &Place::ROOT, schema: &Place::ROOT };
    Run::new(arena).violations(root, instance, at, &mut found);
    found.sort();
    found.dedup();
    found
}
