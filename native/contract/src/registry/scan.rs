//! Find the schemas of a document: only where keywords have schemas as values. An `$id` within `enum` or an unknown
//! keyword identifies nothing.

use std::collections::{BTreeMap, HashMap};
use std::ptr;

use chartly_json::{Node, Object, Value};

use super::{Location, Registry, Resource, uri};
use crate::ContractError;
use crate::ids::ResourceId;
use crate::place::push_name;

/// Keywords whose value is a schema.
const SINGLE: [&str; 11] = [
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords whose value is an array of schemas.
const LISTED: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value is an object of schemas. `definitions` is the old name of `$defs`, which the meta-schema keeps.
const NAMED: [&str; 5] = ["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"];

impl<'s> Registry<'s> {
    /// Add a document that was given under this URI.
    pub(super) fn add_document(&mut self, uri: &str, root: &'s Node<'s>) -> Result<ResourceId, ContractError> {
        let resource = self.add_resource(uri.to_owned(), root, root);
        self.by_uri.insert(uri.to_owned(), resource);
        self.scan(root, root, Location { resource, pointer: String::new() })?;
        Ok(self.by_uri.get(uri).copied().unwrap_or(resource))
    }

    fn add_resource(&mut self, uri: String, root: &'s Node<'s>, document: &'s Node<'s>) -> ResourceId {
        let (anchors, dynamic_anchors) = (HashMap::new(), BTreeMap::new());
        self.resources.push(Resource { uri, root, document, anchors, dynamic_anchors });
        ResourceId(self.resources.len() - 1)
    }

    /// Find the schemas at and below `node`, whose place is `location`.
    pub(super) fn scan(
        &mut self,
        document: &'s Node<'s>,
        node: &'s Node<'s>,
        mut location: Location,
    ) -> Result<(), ContractError> {
        let object = match &node.value {
            Value::Object(object) => object,
            Value::Bool(_) => {
                self.locations.insert(ptr::from_ref(node).addr(), location);
                return Ok(());
            }
            _ => return Ok(()),
        };
        if let Some(identifier) = text(object, "$id") {
            location = self.identify(document, node, identifier, location)?;
        }
        self.locations.insert(ptr::from_ref(node).addr(), location.clone());
        self.anchors(object, node, &location)?;
        for member in object.members() {
            let keyword = &*member.key;
            let mut below = location.clone();
            push_name(&mut below.pointer, keyword);
            match &member.node.value {
                _ if SINGLE.contains(&keyword) => self.scan(document, &member.node, below)?,
                Value::Array(schemas) if LISTED.contains(&keyword) => {
                    for (index, schema) in schemas.iter().enumerate() {
                        self.scan(document, schema, beneath(&below, &index.to_string()))?;
                    }
                }
                Value::Object(schemas) if NAMED.contains(&keyword) => {
                    for named in schemas.members() {
                        self.scan(document, &named.node, beneath(&below, &named.key))?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Register a schema with an `$id`: a resource of its own, or the document itself under its own URI.
    fn identify(
        &mut self,
        document: &'s Node<'s>,
        node: &'s Node<'s>,
        identifier: &str,
        location: Location,
    ) -> Result<Location, ContractError> {
        let base = &self.resource(location.resource).uri;
        let unusable = || self.identifier_error(&location, identifier);
        let resolved = uri::resolve(base, identifier).ok_or_else(unusable)?;
        let (absolute, fragment) = uri::split(&resolved);
        if !fragment.is_empty() {
            return Err(unusable());
        }
        if ptr::eq(document, node) {
            absolute.clone_into(&mut self.resources[location.resource.0].uri);
            self.by_uri.entry(absolute.to_owned()).or_insert(location.resource);
            return Ok(location);
        }
        // Two documents may have the same URI, and the first one counts; two parts of one document may not.
        let known = self.by_uri.get(absolute).map(|known| self.resource(*known).document);
        if known.is_some_and(|known| ptr::eq(known, document)) {
            return Err(unusable());
        }
        let resource = self.add_resource(absolute.to_owned(), node, document);
        self.by_uri.entry(absolute.to_owned()).or_insert(resource);
        Ok(Location { resource, pointer: String::new() })
    }

    fn anchors(
        &mut self,
        object: &'s Object<'s>,
        node: &'s Node<'s>,
        location: &Location,
    ) -> Result<(), ContractError> {
        for keyword in ["$anchor", "$dynamicAnchor"] {
            let Some(name) = text(object, keyword) else { continue };
            let resource = &mut self.resources[location.resource.0];
            let known = resource.anchors.insert(name.to_owned(), node);
            if known.is_some_and(|known| !ptr::eq(known, node)) {
                return Err(self.identifier_error(location, name));
            }
            if keyword == "$dynamicAnchor" {
                resource.dynamic_anchors.insert(name.to_owned(), node);
            }
        }
        Ok(())
    }

    fn identifier_error(&self, location: &Location, identifier: &str) -> ContractError {
        ContractError::InvalidIdentifier {
            resource: self.shown_uri(location.resource),
            pointer: location.pointer.clone(),
            identifier: identifier.to_owned(),
        }
    }
}

fn beneath(location: &Location, name: &str) -> Location {
    let mut below = location.clone();
    push_name(&mut below.pointer, name);
    below
}

fn text<'o>(object: &'o Object<'_>, keyword: &str) -> Option<&'o str> {
    object.get(keyword).and_then(|node| node.value.as_str())
}
