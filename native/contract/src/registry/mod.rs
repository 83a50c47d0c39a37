//! The schemas that references may lead to: their URIs, anchors and places. It resolves references and compiles
//! nothing.

mod scan;
pub(crate) mod uri;

use std::collections::{BTreeMap, HashMap};
use std::ptr;

use chartly_json::{Node, Value};

use crate::ids::ResourceId;
use crate::{ContractError, Resources, metaschema};

/// The base URI of schemas without one, so that relative references between given resources work. It is never shown.
pub(crate) const DEFAULT_BASE: &str = "json-schema:///";

/// The place of a schema: its resource, and a JSON Pointer from the resource's root.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub(crate) resource: ResourceId,
    pub(crate) pointer: String,
}

/// A schema with an identity: a document, or a part of one with its own `$id`.
#[derive(Debug)]
pub(crate) struct Resource<'s> {
    pub(crate) uri: String,
    pub(crate) root: &'s Node<'s>,
    /// The document of which it is a part. The document is checked against the meta-schema.
    pub(crate) document: &'s Node<'s>,
    anchors: HashMap<String, &'s Node<'s>>,
    pub(crate) dynamic_anchors: BTreeMap<String, &'s Node<'s>>,
}

#[derive(Debug)]
pub(crate) struct Registry<'s> {
    pub(crate) resources: Vec<Resource<'s>>,
    by_uri: HashMap<String, ResourceId>,
    locations: HashMap<usize, Location>,
    /// Given documents that were not scanned yet, by absolute URI.
    waiting: BTreeMap<String, &'s Node<'s>>,
}

impl<'s> Registry<'s> {
    pub(crate) fn new(root: &'s Node<'s>, given: &'s Resources) -> Result<Self, ContractError> {
        let mut registry = Self {
            resources: Vec::new(),
            by_uri: HashMap::new(),
            locations: HashMap::new(),
            waiting: metaschema::documents().iter().map(|(uri, node)| ((*uri).to_owned(), node)).collect(),
        };
        for (name, node) in given {
            let uri = uri::resolve(DEFAULT_BASE, name).ok_or_else(|| ContractError::InvalidIdentifier {
                resource: String::new(),
                pointer: String::new(),
                identifier: name.clone(),
            })?;
            registry.waiting.insert(uri::split(&uri).0.to_owned(), node);
        }
        registry.add_document(DEFAULT_BASE, root)?;
        Ok(registry)
    }

    /// Return the place of a schema that was scanned.
    pub(crate) fn location(&self, node: &Node<'_>) -> Option<&Location> {
        self.locations.get(&ptr::from_ref(node).addr())
    }

    pub(crate) fn resource(&self, id: ResourceId) -> &Resource<'s> {
        &self.resources[id.0]
    }

    /// Return the URI of a resource as its author wrote it.
    pub(crate) fn shown_uri(&self, id: ResourceId) -> String {
        let uri = &self.resource(id).uri;
        uri.strip_prefix(DEFAULT_BASE).unwrap_or(uri).to_owned()
    }

    /// Return the schema that a reference in `from` leads to.
    pub(crate) fn resolve(&mut self, from: ResourceId, reference: &str) -> Result<Option<&'s Node<'s>>, ContractError> {
        let Some(target) = uri::resolve(&self.resource(from).uri, reference) else { return Ok(None) };
        let (absolute, fragment) = uri::split(&target);
        let Some(resource) = self.find(absolute)? else { return Ok(None) };
        let Some(fragment) = uri::decode_fragment(fragment) else { return Ok(None) };
        if fragment.is_empty() {
            return Ok(Some(self.resource(resource).root));
        }
        if fragment.starts_with('/') {
            return self.walk(resource, &fragment);
        }
        Ok(self.resource(resource).anchors.get(&fragment).copied())
    }

    /// Return the resource with this URI. Given documents are scanned as far as needed.
    pub(crate) fn find(&mut self, uri: &str) -> Result<Option<ResourceId>, ContractError> {
        if let Some(known) = self.by_uri.get(uri) {
            return Ok(Some(*known));
        }
        if let Some(node) = self.waiting.remove(uri) {
            return self.add_document(uri, node).map(Some);
        }
        // A given document may have another name than its own `$id`, or hold parts with an `$id`.
        while let Some((name, node)) = self.waiting.pop_first() {
            self.add_document(&name, node)?;
        }
        Ok(self.by_uri.get(uri).copied())
    }

    /// Follow a JSON Pointer through resources. Its target counts as a schema even where no keyword says so.
    fn walk(&mut self, from: ResourceId, pointer: &str) -> Result<Option<&'s Node<'s>>, ContractError> {
        let mut node = self.resource(from).root;
        let mut location = Location { resource: from, pointer: String::new() };
        for token in pointer.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            let child = match &node.value {
                Value::Object(object) => object.get(&name),
                Value::Array(elements) => array_index(&name).and_then(|index| elements.get(index)),
                _ => None,
            };
            let Some(child) = child else { return Ok(None) };
            node = child;
            crate::place::push_name(&mut location.pointer, &name);
            if let Some(known) = self.location(node) {
                location = known.clone();
            }
        }
        if self.location(node).is_none() {
            let document = self.resource(location.resource).document;
            self.scan(document, node, location)?;
        }
        Ok(Some(node))
    }
}

/// Return an array index of RFC 6901: digits without a leading zero.
fn array_index(token: &str) -> Option<usize> {
    let is_plain = token == "0" || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
    if is_plain { token.parse().ok() } else { None }
}
