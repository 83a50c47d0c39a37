//! The raw values of fields: what their queries select, with `collect`, `keepNull` and `default` applied. No op runs
//! here.

use chartly_json::{Node, Value};
use chartly_path::{Effort, EffortExceeded, Query};

use super::{State, States};
use crate::field::{Field, Origin};
use crate::plan::Plan;
use crate::reason::{Reason, ReasonCode};

impl Plan {
    /// Return the raw values of a record. Fields of children are absent.
    ///
    /// # Errors
    /// The one reason, when a query visits too many nodes.
    pub(crate) fn raw_of_record<'a>(&'a self, root: &Node<'a>, effort: &Effort) -> Result<States<'a>, Reason> {
        let raw = |field: &'a Field| if field.is_of_child() { Ok(State::Absent) } else { field.raw(root, effort) };
        self.fields.iter().map(raw).collect()
    }

    /// Return the raw values of a child, together with those of its record.
    ///
    /// # Errors
    /// As [`Self::raw_of_record`].
    pub(crate) fn raw_of_child<'a>(
        &'a self,
        of_record: &[State<'a>],
        child: &Node<'a>,
        effort: &Effort,
    ) -> Result<States<'a>, Reason> {
        let raw = |(field, of_record): (&'a Field, &State<'a>)| {
            if field.is_of_child() { field.raw(child, effort) } else { Ok(of_record.clone()) }
        };
        self.fields.iter().zip(of_record).map(raw).collect()
    }
}

impl Field {
    fn is_of_child(&self) -> bool {
        matches!(self.origin, Origin::Query { of_child: true, .. })
    }

    /// Return a field's value before any op, for a record or a child.
    fn raw<'a>(&'a self, root: &Node<'a>, effort: &Effort) -> Result<State<'a>, Reason> {
        let selected = match &self.origin {
            Origin::Const(value) => return Ok(State::Value(value.clone())),
            Origin::Computed => None,
            Origin::Query { query, .. } => {
                let nodes = select(query, root, effort).map_err(|_| self.exceeded())?;
                match nodes.as_slice() {
                    [] => None,
                    nodes if self.collect => Some(Value::Array(nodes.iter().map(|node| (*node).clone()).collect())),
                    [node] if node.value.is_null() && !self.keep_null => None,
                    [node] => Some(node.value.clone()),
                    _ => return Ok(State::Failed(self.several_nodes())),
                }
            }
        };
        Ok(match (selected, &self.default) {
            (Some(value), _) => State::Value(value),
            (None, Some(default)) => State::Value(default.clone()),
            (None, None) => State::Absent,
        })
    }

    fn several_nodes(&self) -> Reason {
        let (path, rule) = (self.path(), "path/several_nodes".to_owned());
        Reason { code: ReasonCode::TransformFailed, field: self.name.clone(), path, rule }
    }
}

/// Return the nodes that a query selects. A singular query is not bounded: it is cheap, and must not fail where the
/// fused engine accepts the record.
fn select<'d, 'a>(query: &Query, root: &'d Node<'a>, effort: &Effort) -> Result<Vec<&'d Node<'a>>, EffortExceeded> {
    match query.as_singular() {
        Some(_) => Ok(query.select(root)),
        None => query.select_within(root, effort),
    }
}
