//! Schemas and instances as text, for the tests of keywords.

use chartly_json::{Limits, parse};

use crate::{Contract, Resources};

fn compiled(schema: &str) -> Result<Contract, crate::ContractError> {
    let node = parse(schema.as_bytes(), Limits::default()).expect("the schema is JSON");
    Contract::compile(&node, &Resources::new())
}

/// Return whether the instance meets the schema. All ways to validate must agree.
pub(crate) fn meets(schema: &str, instance: &str) -> bool {
    breaks(schema, instance).is_empty()
}

/// Return the violations of the instance: instance path and schema path.
pub(crate) fn breaks(schema: &str, instance: &str) -> Vec<(String, String)> {
    let contract = compiled(schema).expect("the schema compiles");
    let node = parse(instance.as_bytes(), Limits::default()).expect("the instance is JSON");
    let violations = contract.violations(&node.value);
    assert_eq!(contract.is_valid(&node.value), violations.is_empty(), "{schema} {instance}");
    violations.into_iter().map(|violation| (violation.instance_path, violation.schema_path)).collect()
}

/// Return why the schema is refused.
pub(crate) fn refused(schema: &str) -> String {
    compiled(schema).map(drop).expect_err("the schema is refused").to_string()
}
