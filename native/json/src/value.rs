//! The value tree: values, objects and their members, which contain each other. It keeps numbers as text; [`crate::number`] converts them.

use std::borrow::Cow;

use crate::Span;

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Where it stood in the raw bytes; [`Span::NONE`] when it was computed.
    pub span: Span,
}

/// A JSON value, or one that transforms computed on the way to being one.
///
/// There is no `PartialEq`: equality of JSON values is a question with options (numbers by value, members in any order),
/// answered by [`Value::equals`].
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it stood: text that has the grammar of RFC 8259 §6.
    Number(Cow<'a, str>),
    /// A number that was computed. Finite.
    Double(f64),
    /// An exact decimal; a string wherever JSON is written or validated, a decimal128 in Arrow.
    Decimal(Cow<'a, str>),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object, its members in document order.
    Object(Object<'a>),
}

impl<'a> Node<'a> {
    /// Wrap a value that no input holds.
    #[must_use]
    pub fn computed(value: Value<'a>) -> Self {
        Self { value, span: Span::NONE }
    }

    /// Copy what is borrowed, so that the node outlives its input.
    #[must_use]
    pub fn into_owned(self) -> Node<'static> {
        Node { value: self.value.into_owned(), span: self.span }
    }
}

impl<'a> Value<'a> {
    /// The text of a string, or of an exact decimal, which JSON knows as a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Decimal(text) => Some(text),
            _ => None,
        }
    }

    /// The object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The array's elements.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Node<'a>]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// Whether the value is a number, read or computed.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Double(_))
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Copy what is borrowed, so that the value outlives its input.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(truth),
            Self::Number(text) => Value::Number(Cow::Owned(text.into_owned())),
            Self::Double(double) => Value::Double(double),
            Self::Decimal(text) => Value::Decimal(Cow::Owned(text.into_owned())),
            Self::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Self::Array(elements) => Value::Array(elements.into_iter().map(Node::into_owned).collect()),
            Self::Object(object) => Value::Object(object.into_owned()),
        }
    }
}

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
    pub fn push(&mut self, key: impl Into<Cow<'a, str>>, value: Value<'a>) {
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
