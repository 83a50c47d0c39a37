//! The value tree: values, objects and their members, which contain each other. Numbers are kept as text;
//! [`crate::number`] converts them.

use std::borrow::Cow;

use crate::Span;

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Its place in the raw bytes; [`Span::NONE`] when it was computed.
    pub span: Span,
}

/// A JSON value, or a value that a transform computed.
///
/// There is no `PartialEq`, because equality of JSON values has choices (numbers by value, members in any order);
/// [`Value::equals`] makes them.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number of the input: text in the grammar of RFC 8259 §6.
    Number(Cow<'a, str>),
    /// A computed number, always finite.
    Double(f64),
    /// An exact decimal. It is a string where JSON is written or validated, and a decimal128 in Arrow.
    Decimal(Cow<'a, str>),
    /// An unescaped string.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object with its members in document order.
    Object(Object<'a>),
}

impl<'a> Node<'a> {
    /// Wrap a computed value.
    #[must_use]
    pub fn computed(value: Value<'a>) -> Self {
        Self { value, span: Span::NONE }
    }

    /// Copy what is borrowed, so that the node may outlive its input.
    #[must_use]
    pub fn into_owned(self) -> Node<'static> {
        Node { value: self.value.into_owned(), span: self.span }
    }
}

impl<'a> Value<'a> {
    /// Return the text of a string, or of an exact decimal, which is a string in JSON.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Decimal(text) => Some(text),
            _ => None,
        }
    }

    /// Return the object, if it is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Return the array's elements, if it is one.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Node<'a>]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// Return whether the value is a number, from the input or computed.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Double(_))
    }

    /// Return whether the value is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Copy what is borrowed, so that the value may outlive its input.
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
    /// The unescaped key.
    pub key: Cow<'a, str>,
    /// The place of the key, quotes included.
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
    /// Make an object of members in the given order.
    #[must_use]
    pub fn new(members: Vec<Member<'a>>) -> Self {
        Self { members }
    }

    /// Add a computed member at the end. The caller makes sure that keys don't repeat.
    pub fn push(&mut self, key: impl Into<Cow<'a, str>>, value: Value<'a>) {
        self.members.push(Member { key: key.into(), key_span: Span::NONE, node: Node::computed(value) });
    }

    /// Return the members in document order, repeated keys included.
    #[must_use]
    pub fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    /// Return the members for changes in place.
    pub fn members_mut(&mut self) -> &mut Vec<Member<'a>> {
        &mut self.members
    }

    /// Return the first member with this key, by a linear search. Where keys may repeat, call
    /// [`Object::first_duplicate`] first.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.members.iter().find(|member| member.key == key).map(|member| &member.node)
    }

    /// Return the number of members, repeated keys included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Return whether there are no members.
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
