//! Compile schemas. A work list of schemas that are referred to replaces recursion.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ptr;
use std::sync::OnceLock;

use chartly_json::{Node, Object, Value};

use crate::dialect::{Dialect, Vocabulary};
use crate::ids::{ResourceId, SchemaId};
use crate::registry::{Location, Registry};
use crate::schema::{Arena, Body, Keyword, Keywords, Schema, violations};
use crate::{ContractError, Options, PatternProblem, Resources, Violation, circular_reference, metaschema};

pub(crate) struct Compiler<'s> {
    registry: Registry<'s>,
    options: Options,
    table: &'static [Entry],
    /// Whether documents are checked against their meta-schemas.
    check: bool,
    given: &'s Resources,
    ids: HashMap<usize, SchemaId>,
    /// Schemas in the order of their ids.
    work_list: Vec<&'s Node<'s>>,
    /// The dialect of each document, by the document's address.
    dialects: HashMap<usize, Dialect>,
    dynamic_names: BTreeSet<String>,
}

/// The context in which a keyword is compiled: its schema, and access to other schemas.
pub(crate) struct Context<'c, 's> {
    compiler: &'c mut Compiler<'s>,
    /// The schema object that has the keyword.
    pub(crate) schema: &'s Object<'s>,
    location: Location,
    /// The id of that schema.
    pub(crate) id: SchemaId,
}

/// The result of compiling a keyword: `None` when it asserts nothing here.
pub(crate) type Compiled = Result<Option<Box<dyn Keyword>>, ContractError>;

/// A keyword of the table that [`compile`] takes.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) compile: for<'c, 's> fn(&mut Context<'c, 's>, &'s Node<'s>) -> Compiled,
}

/// Compile a schema and all that it refers to, by the keywords of a table, and check it against its meta-schema.
pub(crate) fn compile<'s>(
    root: &'s Node<'s>,
    given: &'s Resources,
    options: Options,
    table: &'static [Entry],
) -> Result<(Arena, SchemaId), ContractError> {
    Compiler::start(root, given, options, table, true)
}

/// Compile a meta-schema, which is not checked itself. Its formats are annotations.
fn compile_metaschema<'s>(
    root: &'s Node<'s>,
    given: &'s Resources,
    table: &'static [Entry],
) -> Result<(Arena, SchemaId), ContractError> {
    Compiler::start(root, given, Options { assert_formats: false }, table, false)
}

/// Return the violations of a document against the meta-schema of 2020-12, which is compiled once.
fn standard_violations(document: &Value<'_>, table: &'static [Entry]) -> Result<Vec<Violation>, ContractError> {
    static COMPILED: OnceLock<Result<(Arena, SchemaId), ContractError>> = OnceLock::new();
    static NO_RESOURCES: Resources = Resources::new();
    let compiled = COMPILED.get_or_init(|| compile_metaschema(&metaschema::documents()[0].1, &NO_RESOURCES, table));
    let (arena, root) = compiled.as_ref().map_err(Clone::clone)?;
    Ok(violations(arena, *root, document))
}

impl<'s> Compiler<'s> {
    fn start(
        root: &'s Node<'s>,
        given: &'s Resources,
        options: Options,
        table: &'static [Entry],
        check: bool,
    ) -> Result<(Arena, SchemaId), ContractError> {
        let registry = Registry::new(root, given)?;
        let mut compiler = Compiler {
            registry,
            options,
            table,
            check,
            given,
            ids: HashMap::new(),
            work_list: Vec::new(),
            dialects: HashMap::new(),
            dynamic_names: BTreeSet::new(),
        };
        let root_id = compiler.id(root);
        let arena = compiler.run()?;
        Ok((arena, root_id))
    }

    /// Return the id of a schema, and make sure that it is compiled.
    fn id(&mut self, node: &'s Node<'s>) -> SchemaId {
        let next = SchemaId(self.work_list.len());
        let id = *self.ids.entry(ptr::from_ref(node).addr()).or_insert(next);
        if id == next {
            self.work_list.push(node);
        }
        id
    }

    fn run(mut self) -> Result<Arena, ContractError> {
        let mut schemas = Vec::new();
        loop {
            while let Some(node) = self.work_list.get(schemas.len()).copied() {
                let id = SchemaId(schemas.len());
                schemas.push(self.schema(id, node)?);
            }
            self.add_dynamic_anchors();
            if self.work_list.len() == schemas.len() {
                break;
            }
        }
        let dynamic_anchors = self.dynamic_anchors();
        let arena = Arena { schemas, dynamic_anchors };
        if let Some(on_circle) = circular_reference::find(&arena) {
            let location = self.location(self.work_list[on_circle.0]);
            let resource = self.registry.shown_uri(location.resource);
            return Err(ContractError::CircularReference { resource, pointer: location.pointer });
        }
        Ok(arena)
    }

    fn schema(&mut self, id: SchemaId, node: &'s Node<'s>) -> Result<Schema, ContractError> {
        let location = self.location(node);
        let resource = location.resource;
        let dialect = self.dialect(resource)?;
        let body = match &node.value {
            Value::Bool(verdict) => Body::Always(*verdict),
            Value::Object(object) => Body::Keywords(self.keywords(id, object, &location, dialect)?),
            // The meta-schema refuses these, but a reference into an unknown keyword may still lead to one.
            _ => return Err(self.invalid(&location, "/type")),
        };
        Ok(Schema { resource, body })
    }

    fn keywords(
        &mut self,
        id: SchemaId,
        schema: &'s Object<'s>,
        location: &Location,
        dialect: Dialect,
    ) -> Result<Keywords, ContractError> {
        let mut compiled = Vec::new();
        for entry in self.table {
            if !dialect.has(entry.vocabulary) {
                continue;
            }
            let Some(node) = schema.get(entry.name) else { continue };
            let mut context = Context { compiler: self, schema, location: location.clone(), id };
            if let Some(keyword) = (entry.compile)(&mut context, node)? {
                compiled.push((entry.name, keyword));
            }
        }
        Ok(compiled)
    }

    fn location(&self, node: &Node<'_>) -> Location {
        // Every schema of the work list was scanned when it was found.
        self.registry.location(node).cloned().unwrap_or(Location { resource: ResourceId(0), pointer: String::new() })
    }

    /// Return the dialect of a resource's document. The document is checked on the first call.
    fn dialect(&mut self, resource: ResourceId) -> Result<Dialect, ContractError> {
        let document = self.registry.resource(resource).document;
        let address = ptr::from_ref(document).addr();
        if let Some(known) = self.dialects.get(&address) {
            return Ok(*known);
        }
        let (dialect, custom) = Dialect::of(&document.value, &mut self.registry, self.options.assert_formats)?;
        self.dialects.insert(address, dialect);
        if self.check {
            self.check_document(document, custom.as_deref())?;
        }
        Ok(dialect)
    }

    fn check_document(&mut self, document: &'s Node<'s>, custom: Option<&str>) -> Result<(), ContractError> {
        let violations = match custom {
            None => standard_violations(&document.value, self.table)?,
            Some(uri) => self.custom_violations(document, uri)?,
        };
        match violations.into_iter().next() {
            None => Ok(()),
            Some(Violation { instance_path, schema_path, .. }) => {
                let location = self.location(document);
                Err(self.invalid(&Location { pointer: instance_path, ..location }, &schema_path))
            }
        }
    }

    /// Return the violations of a document against a meta-schema among the given resources. A meta-schema that
    /// describes itself is not checked against itself.
    fn custom_violations(&mut self, document: &'s Node<'s>, uri: &str) -> Result<Vec<Violation>, ContractError> {
        let Some(id) = self.registry.find(uri)? else { return Ok(Vec::new()) };
        let metaschema = self.registry.resource(id).root;
        if ptr::eq(metaschema, document) {
            return Ok(Vec::new());
        }
        let (arena, root) = compile_metaschema(metaschema, self.given, self.table)?;
        Ok(violations(&arena, root, &document.value))
    }

    fn invalid(&self, location: &Location, rule: &str) -> ContractError {
        ContractError::InvalidSchema {
            resource: self.registry.shown_uri(location.resource),
            pointer: location.pointer.clone(),
            rule: rule.to_owned(),
        }
    }

    /// Compile every schema that a dynamic reference may lead to.
    fn add_dynamic_anchors(&mut self) {
        let mut targets = Vec::new();
        for resource in &self.registry.resources {
            let named = resource.dynamic_anchors.iter().filter(|(name, _)| self.dynamic_names.contains(*name));
            targets.extend(named.map(|(_, node)| *node));
        }
        let reachable = self.resources_in_use();
        for node in targets {
            if reachable.contains(&self.location(node).resource) {
                self.id(node);
            }
        }
    }

    /// Return the resources with a compiled schema. Only these can be in dynamic scope.
    fn resources_in_use(&self) -> HashSet<ResourceId> {
        self.work_list.iter().map(|node| self.location(node).resource).collect()
    }

    fn dynamic_anchors(&self) -> HashMap<String, HashMap<ResourceId, SchemaId>> {
        let mut by_name: HashMap<String, HashMap<ResourceId, SchemaId>> = HashMap::new();
        for (index, resource) in self.registry.resources.iter().enumerate() {
            for (name, node) in &resource.dynamic_anchors {
                let id = self.ids.get(&ptr::from_ref(*node).addr());
                if let (true, Some(id)) = (self.dynamic_names.contains(name), id) {
                    by_name.entry(name.clone()).or_default().insert(ResourceId(index), *id);
                }
            }
        }
        by_name
    }
}

impl<'s> Context<'_, 's> {
    /// Return the id of a subschema.
    pub(crate) fn subschema(&mut self, node: &'s Node<'s>) -> SchemaId {
        self.compiler.id(node)
    }

    /// Return the schema that a reference leads to.
    pub(crate) fn reference(&mut self, reference: &str) -> Result<SchemaId, ContractError> {
        let found = self.compiler.registry.resolve(self.location.resource, reference)?;
        match found {
            Some(node) => Ok(self.compiler.id(node)),
            None => Err(ContractError::UnresolvableReference {
                resource: self.compiler.registry.shown_uri(self.location.resource),
                pointer: self.location.pointer.clone(),
                reference: reference.to_owned(),
            }),
        }
    }

    /// Return the name of the `$dynamicAnchor` that a reference leads to, if it leads to one. Evaluation then looks for
    /// the outermost anchor of that name.
    pub(crate) fn dynamic_anchor(&mut self, reference: &str) -> Result<Option<String>, ContractError> {
        let Some((_, name)) = reference.split_once('#') else { return Ok(None) };
        let found = self.compiler.registry.resolve(self.location.resource, reference)?;
        let has_anchor = |node: &Node<'_>| {
            let anchor = node.value.as_object().and_then(|object| object.get("$dynamicAnchor"));
            anchor.and_then(|anchor| anchor.value.as_str()) == Some(name)
        };
        if !found.is_some_and(has_anchor) {
            return Ok(None);
        }
        self.compiler.dynamic_names.insert(name.to_owned());
        Ok(Some(name.to_owned()))
    }

    /// Return the error for a pattern below this schema.
    pub(crate) fn pattern_error(&self, steps: &[&str], problem: PatternProblem) -> ContractError {
        let mut pointer = self.location.pointer.clone();
        for step in steps {
            crate::place::push_name(&mut pointer, step);
        }
        let resource = self.compiler.registry.shown_uri(self.location.resource);
        ContractError::UnusablePattern { resource, pointer, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyword::TABLE;

    /// The meta-schema and its vocabularies meet the meta-schema.
    #[test]
    fn the_metaschema_is_valid() {
        for (uri, node) in metaschema::documents() {
            assert_eq!(standard_violations(&node.value, TABLE).expect("it compiles"), [], "{uri}");
        }
    }
}
