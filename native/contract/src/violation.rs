//! What an instance breaks: places, never values.

/// One keyword that fails at one place of the instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Violation {
    /// JSON Pointer to the part of the instance.
    pub instance_path: String,
    /// JSON Pointer to the keyword, from the contract's root along the way that evaluation took: a `$ref` on the way is a
    /// part of the pointer (JSON Schema's *keyword location*), e.g. `/properties/price/$ref/minimum`.
    pub schema_path: String,
    /// The keyword's name; `"false"` where a schema is `false`.
    pub keyword: &'static str,
}
