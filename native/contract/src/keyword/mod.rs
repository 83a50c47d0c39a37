//! The keywords, one a file: struct, compile, apply, a small test. This list is their table.
#![allow(clippy::unnecessary_wraps)] // every compile function has the table's signature, whether it can fail or not

mod additional_properties;
mod all_of;
mod any_of;
mod bound;
mod conditional;
mod constant;
mod contains;
mod count;
mod dependent_required;
mod dependent_schemas;
mod dynamic_ref;
mod enumeration;
mod format;
mod items;
mod multiple_of;
mod not;
mod one_of;
mod pattern;
mod pattern_properties;
mod prefix_items;
mod properties;
mod property_names;
mod reference;
mod required;
mod types;
mod unevaluated_items;
mod unevaluated_properties;
mod unique_items;

use std::fmt::Debug;

use chartly_json::{Node, Value};

use crate::compile::Context;
use crate::dialect::Vocabulary;
use crate::marks::Marks;
use crate::place::At;
use crate::schema::{Run, SchemaId};
use crate::{ContractError, Rule, Violation};

/// One compiled keyword.
pub(crate) trait Keyword: Debug + Send + Sync {
    /// Whether the instance satisfies it.
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool;

    /// Add what the instance breaks of it; `at` is this keyword's place. A keyword that applies schemas reports theirs.
    fn violations(
        &self,
        run: &mut Run<'_>,
        instance: &Value<'_>,
        name: &'static str,
        at: At<'_>,
        out: &mut Vec<Violation>,
    ) {
        if !self.is_valid(run, instance) {
            out.push(at.violation(name));
        }
    }

    /// Mark the members or elements of the instance that it evaluates.
    ///
    /// What must hold marks whether it does or not, so that one fault isn't reported twice; what may hold (`anyOf`, `if`)
    /// marks only when it does.
    fn mark(&self, _run: &mut Run<'_>, _instance: &Value<'_>, _marks: &mut Marks) {}

    /// The schemas that it applies to the instance itself.
    fn in_place(&self) -> Vec<SchemaId> {
        Vec::new()
    }

    /// What a plan may know of it.
    fn describe(&self) -> Description<'_> {
        Description::Opaque
    }
}

/// A keyword as a plan may use it.
pub(crate) enum Description<'k> {
    /// Nothing simple.
    Opaque,
    /// It looks at one value alone.
    Rule(Rule),
    Properties(&'k [(String, SchemaId)]),
    Required(&'k [String]),
    /// `additionalProperties: false` beside these names and no patterns.
    ClosedTo(&'k [String]),
    Reference(SchemaId),
    AllOf(&'k [SchemaId]),
}

pub(crate) type Compiled = Result<Option<Box<dyn Keyword>>, ContractError>;

/// The keywords of one schema, by name, in the table's order.
pub(crate) type Keywords = Vec<(&'static str, Box<dyn Keyword>)>;

/// A line of the table.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) compile: for<'c, 's> fn(&mut Context<'c, 's>, &'s Node<'s>) -> Compiled,
}

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

/// The strings of an array of strings.
fn strings(node: &Node<'_>) -> Vec<String> {
    let elements = node.value.as_array().unwrap_or_default();
    elements.iter().filter_map(|element| element.value.as_str()).map(str::to_owned).collect()
}

/// The schemas of an array of schemas.
fn schemas<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Vec<SchemaId> {
    let elements = node.value.as_array().unwrap_or_default();
    elements.iter().map(|element| context.subschema(element)).collect()
}

/// The schemas of an object of schemas, with their names.
fn named_schemas<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Vec<(String, SchemaId)> {
    let members = node.value.as_object().map(chartly_json::Object::members).unwrap_or_default();
    members.iter().map(|member| (member.key.clone().into_owned(), context.subschema(&member.node))).collect()
}

/// Whether a schema is `false` itself: such ones report at the container, once, where the keyword says so.
fn is_false(node: &Node<'_>) -> bool {
    matches!(node.value, Value::Bool(false))
}
