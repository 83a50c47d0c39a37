//! A field's raw value: what its query selects, with `collect`, `keepNull` and `default` applied. No op runs here.

use chartly_json::{Node, Value};

use super::State;
use crate::field::{Field, Origin};

/// A query that selected several nodes where one is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeveralNodes;

impl Field {
    /// The value before any op; `child` is the record itself where nothing is exploded.
    pub(crate) fn raw_value<'a>(&'a self, root: &Node<'a>, child: &Node<'a>) -> Result<State<'a>, SeveralNodes> {
        let selected = match &self.origin {
            Origin::Const(value) => return Ok(State::Value(value.clone())),
            Origin::Computed => None,
            Origin::Query { query, of_child } => {
                let nodes = query.select(if *of_child { child } else { root });
                match nodes.as_slice() {
                    [] => None,
                    nodes if self.collect => Some(Value::Array(nodes.iter().map(|node| (*node).clone()).collect())),
                    [node] if node.value.is_null() && !self.keep_null => None,
                    [node] => Some(node.value.clone()),
                    _ => return Err(SeveralNodes),
                }
            }
        };
        Ok(match (selected, &self.default) {
            (Some(value), _) => State::Value(value),
            (None, Some(default)) => State::Value(default.clone()),
            (None, None) => State::Absent,
        })
    }
}
