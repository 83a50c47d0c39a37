//! The table of all keywords, in the order in which a schema applies them.

use chartly_json::Node;

use super::{
    additional_properties, all_of, any_of, bound, conditional, constant, contains, count, dependent_required,
    dependent_schemas, dynamic_ref, enumeration, format, items, multiple_of, not, one_of, pattern, pattern_properties,
    prefix_items, properties, property_names, reference, required, types, unevaluated_items, unevaluated_properties,
    unique_items,
};
use crate::compile::{Compiled, Context, Entry};
use crate::dialect::Vocabulary;

const fn entry(
    name: &'static str,
    vocabulary: Vocabulary,
    compile: for<'c, 's> fn(&mut Context<'c, 's>, &'s Node<'s>) -> Compiled,
) -> Entry {
    Entry { name, vocabulary, compile }
}

/// Every keyword that asserts something, the cheap ones first.
pub(crate) const TABLE: &[Entry] = &[
    entry("type", Vocabulary::Validation, types::compile),
    entry("const", Vocabulary::Validation, constant::compile),
    entry("enum", Vocabulary::Validation, enumeration::compile),
    entry("minimum", Vocabulary::Validation, bound::compile_minimum),
    entry("maximum", Vocabulary::Validation, bound::compile_maximum),
    entry("exclusiveMinimum", Vocabulary::Validation, bound::compile_exclusive_minimum),
    entry("exclusiveMaximum", Vocabulary::Validation, bound::compile_exclusive_maximum),
    entry("multipleOf", Vocabulary::Validation, multiple_of::compile),
    entry("minLength", Vocabulary::Validation, count::compile_min_length),
    entry("maxLength", Vocabulary::Validation, count::compile_max_length),
    entry("minItems", Vocabulary::Validation, count::compile_min_items),
    entry("maxItems", Vocabulary::Validation, count::compile_max_items),
    entry("minProperties", Vocabulary::Validation, count::compile_min_properties),
    entry("maxProperties", Vocabulary::Validation, count::compile_max_properties),
    entry("required", Vocabulary::Validation, required::compile),
    entry("dependentRequired", Vocabulary::Validation, dependent_required::compile),
    entry("pattern", Vocabulary::Validation, pattern::compile),
    entry("format", Vocabulary::Format, format::compile),
    entry("uniqueItems", Vocabulary::Validation, unique_items::compile),
    entry("$ref", Vocabulary::Core, reference::compile),
    entry("$dynamicRef", Vocabulary::Core, dynamic_ref::compile),
    entry("properties", Vocabulary::Applicator, properties::compile),
    entry("patternProperties", Vocabulary::Applicator, pattern_properties::compile),
    entry("additionalProperties", Vocabulary::Applicator, additional_properties::compile),
    entry("propertyNames", Vocabulary::Applicator, property_names::compile),
    entry("prefixItems", Vocabulary::Applicator, prefix_items::compile),
    entry("items", Vocabulary::Applicator, items::compile),
    entry("contains", Vocabulary::Applicator, contains::compile),
    entry("minContains", Vocabulary::Validation, contains::compile_min),
    entry("maxContains", Vocabulary::Validation, contains::compile_max),
    entry("allOf", Vocabulary::Applicator, all_of::compile),
    entry("anyOf", Vocabulary::Applicator, any_of::compile),
    entry("oneOf", Vocabulary::Applicator, one_of::compile),
    entry("not", Vocabulary::Applicator, not::compile),
    entry("if", Vocabulary::Applicator, conditional::compile_if),
    entry("then", Vocabulary::Applicator, conditional::compile_then),
    entry("else", Vocabulary::Applicator, conditional::compile_else),
    entry("dependentSchemas", Vocabulary::Applicator, dependent_schemas::compile),
    entry("unevaluatedProperties", Vocabulary::Unevaluated, unevaluated_properties::compile),
    entry("unevaluatedItems", Vocabulary::Unevaluated, unevaluated_items::compile),
];
