//! Compiled schemas, the interface of keywords, and the evaluation. The three refer to each other. The keywords are in
//! `keyword`.

use std::collections::HashMap;
use std::fmt::Debug;
use std::ptr;

use chartly_json::Value;

use crate::ids::{ResourceId, SchemaId};
use crate::marks::Marks;
use crate::place::{At, Place};
use crate::{Rule, Violation};

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

/// The keywords of one schema, by name, in the table's order.
pub(crate) type Keywords = Vec<(&'static str, Box<dyn Keyword>)>;

/// One compiled keyword.
pub(crate) trait Keyword: Debug + Send + Sync {
    /// Return whether the instance satisfies it.
    fn is_valid(&self, run: &mut Run<'_>, instance: &Value<'_>) -> bool;

    /// Append the violations of this keyword. `at` is the keyword's place. A keyword that applies schemas reports their
    /// violations.
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
    /// A keyword whose schema must be met marks even if it isn't, so that one fault isn't reported twice. A keyword
    /// whose schema may be met (`anyOf`, `if`) marks only if it is.
    fn mark(&self, _run: &mut Run<'_>, _instance: &Value<'_>, _marks: &mut Marks) {}

    /// Return the schemas that it applies to the instance itself.
    fn in_place(&self) -> Vec<SchemaId> {
        Vec::new()
    }

    /// Return a description for plans.
    fn describe(&self) -> Description<'_> {
        Description::Opaque
    }
}

/// A keyword in a form that a plan can use.
pub(crate) enum Description<'k> {
    /// No simple form.
    Opaque,
    /// A rule for a single value.
    Rule(Rule),
    Properties(&'k [(String, SchemaId)]),
    Required(&'k [String]),
    /// `additionalProperties: false` together with these names and no patterns.
    ClosedTo(&'k [String]),
    Reference(SchemaId),
    AllOf(&'k [SchemaId]),
}

/// All schemas of a contract.
#[derive(Debug)]
pub(crate) struct Arena {
    pub(crate) schemas: Vec<Schema>,
    /// Schemas with a `$dynamicAnchor`, by name, then by resource.
    pub(crate) dynamic_anchors: HashMap<String, HashMap<ResourceId, SchemaId>>,
}

/// The number of schemas applied in one evaluation before verdicts are cached. A cache lookup costs more than most
/// schemas. Without the cache, a recursive contract with branches can take time exponential in the depth of the
/// instance.
const STEPS_BEFORE_MEMORY: usize = 1 << 17;
/// The most violations of one instance. Nobody reads more, and each holds two paths.
pub(crate) const VIOLATIONS_MAX: usize = 10_000;

/// The stack is checked after this many nested schemas. Their depth is that of the instance times that of references in
/// place, which no limit on either bounds well.
const SCHEMAS_BETWEEN_STACK_CHECKS: usize = 64;
/// Four kibibytes for each of these schemas: five times what one takes in a debug build.
const STACK_LEFT_BYTES: usize = SCHEMAS_BETWEEN_STACK_CHECKS * 4096;
/// The size of a new stack segment when less is left: enough for some thousand schemas.
const STACK_ADDED_BYTES: usize = 4 << 20;

/// One evaluation of one instance.
#[derive(Debug)]
pub(crate) struct Run<'c> {
    pub(crate) arena: &'c Arena,
    /// The current resources, outermost first; kept only if there is a `$dynamicRef`.
    scope: Vec<ResourceId>,
    /// The dynamic references being followed, each with its instance. The same reference for the same instance would
    /// not end, and asserts nothing new.
    followed: Vec<(SchemaId, usize)>,
    steps: usize,
    /// The number of nested schemas.
    depth: usize,
    /// Cached verdicts by schema, the instance's address, and the scope, on which dynamic references depend.
    verdicts: HashMap<(SchemaId, usize, Vec<ResourceId>), bool>,
    /// The number of temporary values being evaluated; their addresses identify nothing.
    temporary_values: usize,
}

impl<'c> Run<'c> {
    pub(crate) fn new(arena: &'c Arena) -> Self {
        let (scope, followed, verdicts) = (Vec::new(), Vec::new(), HashMap::new());
        Self { arena, scope, followed, steps: 0, depth: 0, verdicts, temporary_values: 0 }
    }

    pub(crate) fn is_valid(&mut self, id: SchemaId, instance: &Value<'_>) -> bool {
        let schema = &self.arena.schemas[id.0];
        match &schema.body {
            Body::Always(verdict) => *verdict,
            Body::Keywords(keywords) => {
                self.steps += 1;
                if self.steps > STEPS_BEFORE_MEMORY {
                    return self.remembered(id, instance);
                }
                self.apply(schema, keywords, instance)
            }
        }
    }

    fn apply(&mut self, schema: &Schema, keywords: &Keywords, instance: &Value<'_>) -> bool {
        self.within(schema.resource, |run| keywords.iter().all(|(_, keyword)| keyword.is_valid(run, instance)))
    }

    /// Return the verdict from the cache, or compute and cache it.
    #[cold]
    fn remembered(&mut self, id: SchemaId, instance: &Value<'_>) -> bool {
        let schema = &self.arena.schemas[id.0];
        let Body::Keywords(keywords) = &schema.body else { return matches!(schema.body, Body::Always(true)) };
        let address = ptr::from_ref(instance).addr();
        // Within a cycle of dynamic references, a verdict is valid only for that cycle.
        let is_circling = self.followed.iter().any(|(_, followed)| *followed == address);
        if is_circling || self.temporary_values > 0 {
            return self.apply(schema, keywords, instance);
        }
        let key = (id, address, self.scope.clone());
        if let Some(verdict) = self.verdicts.get(&key) {
            return *verdict;
        }
        let verdict = self.apply(schema, keywords, instance);
        self.verdicts.insert(key, verdict);
        verdict
    }

    /// Evaluate a temporary value.
    pub(crate) fn with_temporary<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        self.temporary_values += 1;
        let result = look(self);
        self.temporary_values -= 1;
        result
    }

    pub(crate) fn violations(&mut self, id: SchemaId, instance: &Value<'_>, at: At<'_>, out: &mut Vec<Violation>) {
        let schema = &self.arena.schemas[id.0];
        self.steps += 1;
        if out.len() >= VIOLATIONS_MAX || (self.steps > STEPS_BEFORE_MEMORY && self.remembered(id, instance)) {
            return;
        }
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

    /// Mark the members or elements that a schema has evaluated, for `unevaluated…` in the same schema. `asking` is
    /// that keyword; its own evaluation doesn't count.
    pub(crate) fn mark(&mut self, id: SchemaId, instance: &Value<'_>, asking: Option<&str>, marks: &mut Marks) {
        let schema = &self.arena.schemas[id.0];
        let Body::Keywords(keywords) = &schema.body else { return };
        // Without dynamic references, a schema always sets the same marks.
        if self.arena.dynamic_anchors.is_empty() && !marks.enter(id) {
            return;
        }
        self.within(schema.resource, |run| {
            for (name, keyword) in keywords {
                if Some(*name) != asking && !marks.are_all() {
                    keyword.mark(run, instance, marks);
                }
            }
        });
    }

    /// Return the target of a `$dynamicRef` to this anchor: the outermost resource in scope that has it, or `fallback`.
    pub(crate) fn dynamic_target(&self, anchor: &str, fallback: SchemaId) -> SchemaId {
        let Some(by_resource) = self.arena.dynamic_anchors.get(anchor) else { return fallback };
        self.scope.iter().find_map(|resource| by_resource.get(resource)).copied().unwrap_or(fallback)
    }

    /// Follow a dynamic reference. Return `otherwise` if it is already being followed for this instance.
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

    /// Evaluate a schema of this resource: keep the dynamic scope, and make sure that the stack suffices.
    fn within<T>(&mut self, resource: ResourceId, walk: impl FnOnce(&mut Self) -> T) -> T {
        let enters = !self.arena.dynamic_anchors.is_empty() && self.scope.last() != Some(&resource);
        if enters {
            self.scope.push(resource);
        }
        self.depth += 1;
        let result = if self.depth.is_multiple_of(SCHEMAS_BETWEEN_STACK_CHECKS) {
            stacker::maybe_grow(STACK_LEFT_BYTES, STACK_ADDED_BYTES, || walk(self))
        } else {
            walk(self)
        };
        self.depth -= 1;
        if enters {
            self.scope.pop();
        }
        result
    }
}

/// Return all violations of a schema in the arena, ordered and without repetition.
pub(crate) fn violations(arena: &Arena, root: SchemaId, instance: &Value<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    let at = At { instance: &Place::ROOT, schema: &Place::ROOT };
    Run::new(arena).violations(root, instance, at, &mut found);
    found.sort();
    found.dedup();
    found
}
