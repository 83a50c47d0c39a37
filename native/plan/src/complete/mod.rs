//! The complete engine: it parses a record to a tree, applies the whole language and returns every reason. It favours
//! correctness over speed; the fused engine passes on every record that it can't prove valid.

mod payload;
mod run;
mod select;
mod transform;

pub(crate) use transform::{State, Trace, Untraced};

use chartly_json::Node;
use chartly_path::{Effort, Query};

use crate::duplicate_keys;
use crate::plan::Plan;
use crate::reason::Reason;

/// The fields of an accepted record, as `Plan::emit` writes them.
pub(crate) type States<'a> = Vec<State<'a>>;

impl Plan {
    /// Run one record, or one child of it, from its raw values. `Ok` has the state of every field in canonical order.
    pub(crate) fn run_tree<'a>(&'a self, raw: States<'a>) -> Result<States<'a>, Vec<Reason>> {
        let mut reasons = Vec::new();
        let states = self.transform(raw, &mut reasons, &mut Untraced);
        self.check(&states, &mut reasons);
        if reasons.is_empty() { Ok(states) } else { Err(reasons) }
    }

    /// Return the children that `explode` makes of a record, in the order of its query; the record itself without
    /// `explode`.
    ///
    /// # Errors
    /// The one reason, when the query visits too many nodes, or selects nothing and leads to no array.
    pub(crate) fn children<'d, 'a>(&self, root: &'d Node<'a>, effort: &Effort) -> Result<Vec<&'d Node<'a>>, Reason> {
        match &self.explode {
            None => Ok(vec![root]),
            Some(query) => self.selected("explode", query, root, effort),
        }
    }

    /// Return the nodes that `recordsPath` or `explode` selects, which `key` says.
    ///
    /// # Errors
    /// The one reason, when the query visits too many nodes, or selects nothing and leads to no array: a list that was
    /// renamed must not look like an empty one.
    pub(crate) fn selected<'d, 'a>(
        &self,
        key: &str,
        query: &Query,
        root: &'d Node<'a>,
        effort: &Effort,
    ) -> Result<Vec<&'d Node<'a>>, Reason> {
        let exceeded = |_| Reason::query_exceeded(key, query);
        let nodes = query.select_within(root, effort).map_err(exceeded)?;
        if nodes.is_empty() && !self.allow_empty && !query.leads_to_arrays(root, effort).map_err(exceeded)? {
            return Err(Reason::no_array(key, query));
        }
        Ok(nodes)
    }

    /// Return how many nodes the queries may visit in a text of this length: `limits.queryNodesMax`, and a few passes
    /// of each query over all nodes, so that no query fails only because a record is large.
    pub(crate) fn effort(&self, bytes: usize) -> Effort {
        let passes = PASSES * (self.fields.len() as u64 + 1);
        Effort::of(self.query_nodes_max.saturating_add(passes.saturating_mul(bytes as u64)))
    }

    /// Parse a record by the strict rules. An error is the record's only reason.
    pub(crate) fn parse_record<'a>(&self, record: &'a [u8], effort: &Effort) -> Result<Node<'a>, Reason> {
        let root = chartly_json::parse(record, self.limits).map_err(|error| Reason::of_parse(&error))?;
        let Some(object) = root.value.as_object() else { return Err(Reason::malformed("not-an-object")) };
        let mut repeated = object.first_duplicate().is_some() || self.repeats(&root, false, effort)?;
        if !repeated && let Some(query) = &self.explode {
            repeated = duplicate_keys::above_selected(query, &root, effort)
                .map_err(|_| Reason::query_exceeded("explode", query))?;
            for child in self.children(&root, effort)? {
                repeated = repeated || self.repeats(child, true, effort)?;
            }
        }
        if repeated { Err(Reason::malformed("duplicate-key")) } else { Ok(root) }
    }

    /// Return whether a field's query reads an object of this record or child that repeats a key.
    fn repeats(&self, root: &Node<'_>, is_child: bool, effort: &Effort) -> Result<bool, Reason> {
        for (field, query) in self.queries(is_child) {
            if duplicate_keys::read_by(query, root, !is_child, effort).map_err(|_| field.exceeded())? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The most nodes that one query visits for each byte of the text. A query passes twice, once for repeated keys and
/// once for the selection; a pass visits and selects each node, and a node takes at least two bytes.
const PASSES: u64 = 4;
