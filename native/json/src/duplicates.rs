//! Repeated keys, found on request. Parsing accepts them, because only objects that are read must not have them.

use std::collections::HashSet;

use crate::{Node, Object, Span, Value};

/// Up to this many members are compared in pairs. Beyond it a set is faster, and linear against attacks.
const PAIRWISE_MEMBERS_MAX: usize = 12;

/// A key that the object already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicate {
    /// The place of the repeated key: the second occurrence, quotes included.
    pub key_span: Span,
}

impl Object<'_> {
    /// Return the first key that repeats an earlier one in this object itself.
    #[must_use]
    pub fn first_duplicate(&self) -> Option<Duplicate> {
        let members = self.members();
        if members.len() <= PAIRWISE_MEMBERS_MAX {
            for (position, member) in members.iter().enumerate() {
                if members[..position].iter().any(|earlier| earlier.key == member.key) {
                    return Some(Duplicate { key_span: member.key_span });
                }
            }
            return None;
        }
        let mut seen = HashSet::with_capacity(members.len());
        let repeated = members.iter().find(|member| !seen.insert(&*member.key))?;
        Some(Duplicate { key_span: repeated.key_span })
    }
}

impl Node<'_> {
    /// Return the first key, in document order, that repeats another of its object anywhere in this value.
    ///
    /// ```
    /// # use chartly_json::{Limits, parse};
    /// let node = parse(br#"[{"a": {"b": 1, "b": 2}}]"#, Limits::default())?;
    /// assert_eq!(node.first_duplicate_deep().ok_or("one")?.key_span.start, 16);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn first_duplicate_deep(&self) -> Option<Duplicate> {
        match &self.value {
            Value::Array(elements) => elements.iter().find_map(Node::first_duplicate_deep),
            Value::Object(object) => {
                let here = object.first_duplicate();
                let within = object.members().iter().find_map(|member| member.node.first_duplicate_deep());
                match (here, within) {
                    (Some(here), Some(within)) if within.key_span.start < here.key_span.start => Some(within),
                    (Some(here), _) => Some(here),
                    (None, within) => within,
                }
            }
            _ => None,
        }
    }
}
