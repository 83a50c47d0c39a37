//! The complete engine: a record through its tree, by the whole language, with every reason. It is right before it is fast;
//! the fused engine hands it whatever it can't prove.

mod payload;
mod select;
mod transform;

pub(crate) use transform::{State, Trace, Untraced};

use chartly_json::{Node, ParseError, Value};
use chartly_path::{Query, Step};

use crate::plan::Plan;
use crate::reason::{Reason, ReasonCode};

/// A record that became canonical: what `Plan::emit` writes.
pub(crate) type States<'a> = Vec<State<'a>>;

impl Plan {
    /// Runs one record, or one child of it: `Ok` has the state of every field, in canonical order, with nothing left to
    /// complain about. Without `explode` the child is the record itself.
    pub(crate) fn run_tree<'a>(&'a self, root: &Node<'a>, child: &Node<'a>) -> Result<States<'a>, Vec<Reason>> {
        let mut reasons = Vec::new();
        let states = self.transform(root, child, &mut reasons, &mut Untraced);
        self.check(&states, &mut reasons);
        if reasons.is_empty() { Ok(states) } else { Err(reasons) }
    }

    /// The children that `explode` makes of a record, in the order of its query; the record itself without it.
    pub(crate) fn children<'d, 'a>(&self, root: &'d Node<'a>) -> Vec<&'d Node<'a>> {
        match &self.explode {
            None => vec![root],
            Some(query) => query.select(root),
        }
    }

    /// Parses a record by the strict rules; what is wrong stands alone.
    pub(crate) fn parse_record<'a>(&self, record: &'a [u8]) -> Result<Node<'a>, Reason> {
        let root = chartly_json::parse(record, self.limits).map_err(|error| parse_reason(&error))?;
        if !matches!(root.value, Value::Object(_)) {
            return Err(malformed("not-an-object"));
        }
        let repeated = self.queries(false).any(|query| repeats(query, &root, true))
            || self.explode.as_ref().is_some_and(|query| crate::page::repeats_on_the_way(&root, query))
            || (self.explode.is_some()
                && self
                    .children(&root)
                    .iter()
                    .any(|child| self.queries(true).any(|query| repeats(query, child, false))));
        if repeated || root.value.as_object().is_some_and(|object| object.first_duplicate().is_some()) {
            return Err(malformed("duplicate-key"));
        }
        Ok(root)
    }
}

/// Whether a query reads an object that repeats a key. A record's own keys are looked at once, for all queries.
fn repeats(query: &Query, root: &Node<'_>, is_record: bool) -> bool {
    let Some(steps) = query.as_singular() else { return query.first_duplicate_read(root).is_some() };
    let mut node = root;
    for (depth, step) in steps.iter().enumerate() {
        let next = match (step, &node.value) {
            (Step::Name(name), Value::Object(object)) => {
                if !(is_record && depth == 0) && object.first_duplicate().is_some() {
                    return true;
                }
                object.get(name)
            }
            (Step::Index(index), Value::Array(elements)) => {
                let from_end =
                    usize::try_from(index.unsigned_abs()).ok().and_then(|back| elements.len().checked_sub(back));
                let place = usize::try_from(*index).ok().or(from_end);
                place.and_then(|place| elements.get(place))
            }
            _ => None,
        };
        let Some(next) = next else { return false };
        node = next;
    }
    node.first_duplicate_deep().is_some()
}

pub(crate) fn malformed(rule: &str) -> Reason {
    let nothing = String::new();
    Reason { code: ReasonCode::MalformedJson, field: nothing.clone(), path: nothing, rule: rule.to_owned() }
}

pub(crate) fn parse_reason(error: &ParseError) -> Reason {
    let (code, rule) = match error {
        ParseError::Malformed { rule, .. } => (ReasonCode::MalformedJson, rule.name()),
        ParseError::DepthExceeded { .. } => (ReasonCode::DepthExceeded, "depthMax"),
        ParseError::TooLarge { .. } => (ReasonCode::PayloadTooLarge, "recordBytesMax"),
    };
    Reason { code, field: String::new(), path: String::new(), rule: rule.to_owned() }
}
