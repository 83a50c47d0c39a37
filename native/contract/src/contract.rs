//! The public contract: compile it once, validate often.

use chartly_json::{Node, Value};

use crate::ids::SchemaId;
use crate::keyword::TABLE;
use crate::schema::{Arena, Run};
use crate::{ContractError, ObjectShape, Options, Resources, Violation, compile, schema, shape};

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
    /// The first error of the schema.
    pub fn compile(schema: &Node<'_>, resources: &Resources) -> Result<Self, ContractError> {
        Self::compile_with(schema, resources, Options::default())
    }

    /// Compile a schema with options.
    ///
    /// # Errors
    /// The first error of the schema.
    pub fn compile_with(schema: &Node<'_>, resources: &Resources, options: Options) -> Result<Self, ContractError> {
        let (arena, root) = compile::compile(schema, resources, options, TABLE)?;
        Ok(Self { arena, root })
    }

    /// Return whether the instance meets the contract.
    #[must_use]
    pub fn is_valid(&self, instance: &Value<'_>) -> bool {
        Run::new(&self.arena).is_valid(self.root, instance)
    }

    /// Return all violations of the instance, by instance path, then by schema path, each ordered as RFC 8785 orders
    /// keys.
    #[must_use]
    pub fn violations(&self, instance: &Value<'_>) -> Vec<Violation> {
        schema::violations(&self.arena, self.root, instance)
    }

    /// Return the contract as a table of fields, for a plan that checks fields itself; `None` when the root doesn't
    /// describe members by name.
    #[must_use]
    pub fn shape(&self) -> Option<ObjectShape> {
        shape::of(&self.arena, self.root)
    }
}
