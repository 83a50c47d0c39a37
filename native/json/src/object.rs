//! Objects: members in document order, repeated keys kept. Whether a repeated key matters is the reader's question.

use std::borrow::Cow;

use crate::{Node, Span};

/// One `"key": value`.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// The key, unescaped.
    pub key: Cow<'a, str>,
    /// Where the key stood, quotes included.
    pub key_span: Span,
    /// The value and its place.
    pub node: Node<'a>,
}

/// An object's members, in document order.
#[derive(Debug, Clone, Default)]
pub struct Object<'a> {
    members: Vec<Member<'a>>,
}

impl<'a> Object<'a> {
    /// Make an object of members in the order given.
    #[must_use]
    pub fn new(members: Vec<Member<'a>>) -> Self {
        Self { members }
    }

    /// Add a computed member at the end. The caller keeps keys apart.
    pub fn push(&mut self, key: impl Into<Cow<'a, str>>, value: crate::Value<'a>) {
        self.members.push(Member { key: key.into(), key_span: Span::NONE, node: Node::computed(value) });
    }

    /// The members in document order, repeated keys included.
    #[must_use]
    pub fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    /// The members, to change in place.
    pub fn members_mut(&mut self) -> &mut Vec<Member<'a>> {
        &mut self.members
    }

    /// The first member with this key, by a linear search. Where keys can repeat, ask [`Object::first_duplicate`] first.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.members.iter().find(|member| member.key == key).map(|member| &member.node)
    }

    /// Number of members, repeated keys included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(crate) fn into_owned(self) -> Object<'static> {
        let own = |member: Member<'a>| Member {
            key: Cow::Owned(member.key.into_owned()),
            key_span: member.key_span,
            node: member.node.into_owned(),
        };
        Object { members: self.members.into_iter().map(own).collect() }
    }
}
