//! A violation of a contract: places, never values.

use std::cmp::Ordering;

/// One keyword that is violated at one place of the instance.
///
/// Violations are ordered by instance path, then by schema path, each compared as RFC 8785 compares keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Violation {
    /// JSON Pointer to the part of the instance.
    pub instance_path: String,
    /// JSON Pointer to the keyword, from the contract's root along the path of evaluation. A `$ref` on that path is
    /// part of the pointer (JSON Schema's *keyword location*), as in `/properties/price/$ref/minimum`.
    pub schema_path: String,
    /// The keyword's name; `"false"` where a schema is `false`.
    pub keyword: &'static str,
}

impl Ord for Violation {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_utf16(&self.instance_path, &other.instance_path)
            .then_with(|| compare_utf16(&self.schema_path, &other.schema_path))
            .then_with(|| self.keyword.cmp(other.keyword))
    }
}

impl PartialOrd for Violation {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compare two texts in the order of RFC 8785's keys.
pub(crate) fn compare_utf16(one: &str, other: &str) -> Ordering {
    if one.is_ascii() && other.is_ascii() { one.cmp(other) } else { one.encode_utf16().cmp(other.encode_utf16()) }
}
