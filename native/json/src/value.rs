//! The value tree. It holds what the bytes said; what a number is worth is asked of [`crate::number`].

use std::borrow::Cow;

use crate::{Object, Span};

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
