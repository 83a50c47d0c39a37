//! The complete engine: a record through its tree, by the whole language, with every reason. It is right before it is fast;
//! the fused engine hands it whatever it can't prove.

mod payload;
mod run;
mod select;
mod transform;

pub(crate) use transform::{State, Trace, Untraced};

use chartly_json::Node;
use chartly_path::Effort;

use crate::duplicate_keys;
use crate::plan::Plan;
use crate::reason::Reason;

/// A record that became canonical: what `Plan::emit` writes.
pub(crate) type States<'a> = Vec<State<'a>>;

impl Plan {
    /// Runs one record, or one child of it, from its raw values: `Ok` has the state of every field, in canonical order, with
    /// nothing left to complain about.
    pub(crate) fn run_tree<'a>(&'a self, raw: States<'a>) -> Result<States<'a>, Vec<Reason>> {
        let mut reasons = Vec::new();
        let states = self.transform(raw, &mut reasons, &mut Untraced);
        self.check(&states, &mut reasons);
        if reasons.is_empty() { Ok(states) } else { Err(reasons) }
    }

    /// The children that `explode` makes of a record, in the order of its query; the record itself without it.
    ///
    /// # Errors
    /// The reason, which stands alone, that the effort doesn't reach.
    pub(crate) fn children<'d, 'a>(&self, root: &'d Node<'a>, effort: &Effort) -> Result<Vec<&'d Node<'a>>, Reason> {
        match &self.explode {
            None => Ok(vec![root]),
            Some(query) => query.select_within(root, effort).map_err(|_| Reason::query_exceeded("explode", query)),
        }
    }

    /// How much the queries may do on so many bytes of text: `limits.queryNodesMax`, and what a few passes of each over all
    /// of its nodes take, so that no query fails for the size of a record alone.
    pub(crate) fn effort(&self, bytes: usize) -> Effort {
        let passes = PASSES * (self.fields.len() as u64 + 1);
        Effort::of(self.query_nodes_max.saturating_add(passes.saturating_mul(bytes as u64)))
    }

    /// Parses a record by the strict rules; what is wrong stands alone.
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

    /// Whether a field's query reads an object of this record, or child, that repeats a key.
    fn repeats(&self, root: &Node<'_>, is_child: bool, effort: &Effort) -> Result<bool, Reason> {
        for (field, query) in self.queries(is_child) {
            if duplicate_keys::read_by(query, root, !is_child, effort).map_err(|_| field.exceeded())? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Nodes that one pass of a query takes for each byte of the text, at most: repeated keys are looked for and then nodes
/// selected, a node takes two bytes and is visited and selected.
const PASSES: u64 = 4;
