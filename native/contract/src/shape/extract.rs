//! Read a compiled contract as a shape. Static references and `allOf` are followed; other keywords are left to the
//! engine.

use std::collections::HashSet;

use crate::ids::SchemaId;
use crate::place::Place;
use crate::schema::{Arena, Body, Description};
use crate::{Check, ClosedTo, ObjectShape, PropertyShape, RequiredNames, Rule};

/// Return the shape of a schema; `None` when it says nothing about members by name.
pub(crate) fn of(arena: &Arena, root: SchemaId) -> Option<ObjectShape> {
    let mut shape = ObjectShape {
        properties: Vec::new(),
        required: Vec::new(),
        closed: Vec::new(),
        must_be_object: Vec::new(),
        complete: true,
    };
    let mut reader = Reader { arena, entered: HashSet::new() };
    reader.object(root, &Place::ROOT, &mut shape);
    let says_nothing = shape.properties.is_empty() && shape.required.is_empty() && shape.closed.is_empty();
    if says_nothing && !shape.complete { None } else { Some(shape) }
}

struct Reader<'c> {
    arena: &'c Arena,
    /// The schemas on the current path. A schema that is met again is recursive, and no table describes it.
    entered: HashSet<SchemaId>,
}

impl Reader<'_> {
    fn object(&mut self, id: SchemaId, at: &Place<'_>, shape: &mut ObjectShape) {
        let arena = self.arena;
        let Body::Keywords(keywords) = &arena.schemas[id.0].body else {
            shape.complete &= matches!(arena.schemas[id.0].body, Body::Always(true));
            return;
        };
        if !self.entered.insert(id) {
            shape.complete = false;
            return;
        }
        for (name, keyword) in keywords {
            let here = at.name(name);
            match keyword.describe() {
                Description::Rule(Rule::Type(types)) if types.has_object() => shape.must_be_object.push(here.pointer()),
                // A rule for numbers or strings asserts nothing of an object.
                Description::Rule(Rule::Type(_) | Rule::Const(_) | Rule::Enum(_)) | Description::Opaque => {
                    shape.complete = false;
                }
                Description::Rule(_) => {}
                Description::Required(names) => {
                    shape.required.push(RequiredNames { names: names.to_vec(), schema_path: here.pointer() });
                }
                Description::ClosedTo(names) => {
                    shape.closed.push(ClosedTo { names: names.to_vec(), schema_path: here.pointer() });
                }
                Description::Properties(named) => {
                    for (name, property) in named {
                        shape.properties.push(self.property(name, *property, &here.name(name)));
                    }
                }
                Description::Reference(target) => self.object(target, &here, shape),
                Description::AllOf(branches) => {
                    for (index, branch) in branches.iter().enumerate() {
                        self.object(*branch, &here.index(index), shape);
                    }
                }
            }
        }
        self.entered.remove(&id);
    }

    fn property(&mut self, name: &str, id: SchemaId, at: &Place<'_>) -> PropertyShape {
        let mut shape = PropertyShape { name: name.to_owned(), checks: Vec::new(), complete: true };
        self.checks(id, at, &mut shape);
        shape.checks.sort_by(|one, other| crate::violation::compare_utf16(&one.schema_path, &other.schema_path));
        shape
    }

    fn checks(&mut self, id: SchemaId, at: &Place<'_>, shape: &mut PropertyShape) {
        let arena = self.arena;
        let Body::Keywords(keywords) = &arena.schemas[id.0].body else {
            shape.complete &= matches!(arena.schemas[id.0].body, Body::Always(true));
            return;
        };
        if !self.entered.insert(id) {
            shape.complete = false;
            return;
        }
        for (name, keyword) in keywords {
            let here = at.name(name);
            match keyword.describe() {
                Description::Rule(rule) => {
                    shape.checks.push(Check { schema_path: here.pointer(), keyword: name, rule });
                }
                Description::Reference(target) => self.checks(target, &here, shape),
                Description::AllOf(branches) => {
                    for (index, branch) in branches.iter().enumerate() {
                        self.checks(*branch, &here.index(index), shape);
                    }
                }
                _ => shape.complete = false,
            }
        }
        self.entered.remove(&id);
    }
}
