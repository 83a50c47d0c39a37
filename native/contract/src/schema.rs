//! Compiled schemas, and the walk over them. A schema is its keywords; what each of them asks is in `keyword`.

use std::collections::HashMap;
use std::ptr;

use chartly_json::Value;

use crate::Violation;
use crate::keyword::Keywords;
use crate::marks::Marks;
use crate::place::At;

/// A schema's place in the arena. Schemas refer to each other by it, so that they may be recursive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SchemaId(pub(crate) usize);

/// A resource's place in the list of those that a contract uses: the unit of dynamic scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ResourceId(pub(crate) usize);

#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) resource: ResourceId,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    /// `true` or `false`.
    Always(bool),
    Keywords(Keywords),
}

/// All schemas of a contract.
#[derive(Debug)]
pub(crate) struct Arena {
    pub(crate) schemas: Vec<Schema>,
    /// `$dynamicAnchor`s by their names, then by resource.
    pub(crate) dynamic_anchors: HashMap<String, HashMap<ResourceId, SchemaId>>,
}

/// One evaluation of one instance.
#[derive(Debug)]
pub(crate) struct Run<'c> {
    pub(crate) arena: &'c Arena,
    /// Resources entered and not left, outermost first; kept only where a `$dynamicRef` may ask.
    scope: Vec<ResourceId>,
    /// Dynamic references followed and not returned from, each with the instance that it was followed for: such a
    /// reference met again would not end, and asks nothing new.
    followed: Vec<(SchemaId, usize)>,
}

impl<'c> Run<'c> {
    pub(crate) fn new(arena: &'c Arena) -> Self {
        Self { arena, scope: Vec::new(), followed: Vec::new() }
    }

    pub(crate) fn is_valid(&mut self, id: SchemaId, instance: &Value<'_>) -> bool {
        let schema = &self.arena.schemas[id.0];
        match &schema.body {
            Body::Always(verdict) => *verdict,
            Body::Keywords(keywords) => {
                self.within(schema.resource, |run| keywords.iter().all(|(_, keyword)| keyword.is_valid(run, instance)))
            }
        }
    }

    pub(crate) fn violations(&mut self, id: SchemaId, instance: &Value<'_>, at: At<'_>, out: &mut Vec<Violation>) {
        let schema = &self.arena.schemas[id.0];
        match &schema.body {
            Body::Always(true) => {}
            Body::Always(false) => out.push(at.violation("false")),
            Body::Keywords(keywords) => self.within(schema.resource, |run| {
                for (name, keyword) in keywords {
                    let here = at.schema.name(name);
                    keyword.violations(run, instance, name, At { instance: at.instance, schema: &here }, out);
                }
            }),
        }
    }

    /// Mark the members or elements that a schema has looked at, as far as it counts for `unevaluated…` beside it.
    /// `asking` is the keyword that wants to know; its own looks don't count.
    pub(crate) fn mark(&mut self, id: SchemaId, instance: &Value<'_>, asking: Option<&str>, marks: &mut Marks) {
        let schema = &self.arena.schemas[id.0];
        if let Body::Keywords(keywords) = &schema.body {
            self.within(schema.resource, |run| {
                for (name, keyword) in keywords {
                    if Some(*name) != asking && !marks.are_all() {
                        keyword.mark(run, instance, marks);
                    }
                }
            });
        }
    }

    /// Where a `$dynamicRef` to this anchor leads: the outermost resource in scope that has it, or `fallback`.
    pub(crate) fn dynamic_target(&self, anchor: &str, fallback: SchemaId) -> SchemaId {
        let Some(by_resource) = self.arena.dynamic_anchors.get(anchor) else { return fallback };
        self.scope.iter().find_map(|resource| by_resource.get(resource)).copied().unwrap_or(fallback)
    }

    /// Follow a dynamic reference, unless it is being followed for this very instance; then give `otherwise`.
    pub(crate) fn follow<T>(
        &mut self,
        target: SchemaId,
        instance: &Value<'_>,
        otherwise: T,
        follow: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let step = (target, ptr::from_ref(instance).addr());
        if self.followed.contains(&step) {
            return otherwise;
        }
        self.followed.push(step);
        let result = follow(self);
        self.followed.pop();
        result
    }

    fn within<T>(&mut self, resource: ResourceId, walk: impl FnOnce(&mut Self) -> T) -> T {
        if self.arena.dynamic_anchors.is_empty() || self.scope.last() == Some(&resource) {
            return walk(self);
        }
        self.scope.push(resource);
        let result = walk(self);
        self.scope.pop();
        result
    }
}
