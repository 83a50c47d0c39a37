//! The keywords, one a file: struct, compile, apply, a small test. [`TABLE`] lists them. This file has the functions
//! that several keywords use.
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
mod table;
mod types;
mod unevaluated_items;
mod unevaluated_properties;
mod unique_items;

use chartly_json::{Node, Value};

use crate::compile::Context;
use crate::ids::SchemaId;

pub(crate) use table::TABLE;

/// Return the strings of an array of strings.
fn strings(node: &Node<'_>) -> Vec<String> {
    let elements = node.value.as_array().unwrap_or_default();
    elements.iter().filter_map(|element| element.value.as_str()).map(str::to_owned).collect()
}

/// Return the schemas of an array of schemas.
fn schemas<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Vec<SchemaId> {
    let elements = node.value.as_array().unwrap_or_default();
    elements.iter().map(|element| context.subschema(element)).collect()
}

/// Return the schemas of an object of schemas, with their names.
fn named_schemas<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Vec<(String, SchemaId)> {
    let members = node.value.as_object().map(chartly_json::Object::members).unwrap_or_default();
    members.iter().map(|member| (member.key.clone().into_owned(), context.subschema(&member.node))).collect()
}

/// Return whether a schema is `false`. Such a schema reports once, at the container, where the keyword says so.
fn is_false(node: &Node<'_>) -> bool {
    matches!(node.value, Value::Bool(false))
}
