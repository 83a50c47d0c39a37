//! `parse`: build the tree of one JSON text. Values are collected on one stack until their container closes, so that
//! each container is allocated once, at its final size.

use std::borrow::Cow;

use crate::drive::{Sink, drive};
use crate::{Limits, Member, Node, Object, ParseError, Span, Value};

/// Parse one JSON text into a tree that borrows from it.
///
/// # Errors
/// The first error in the order of bytes; [`ParseError::TooLarge`] before any byte is read.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Node<'_>, ParseError> {
    let mut tree = Tree::with_room();
    drive(bytes, limits.bounded(), &mut tree)?;
    // A text that the driver accepts has exactly one root. Without a root the error is an unexpected end.
    tree.root.ok_or(ParseError::malformed(bytes.len(), crate::Rule::UnexpectedEnd))
}

/// Initial capacity: about a kibibyte for each stack, a size that allocators keep ready.
const MEMBERS_ROOM: usize = 14;
const ELEMENTS_ROOM: usize = 24;
const DEPTH_ROOM: usize = 8;

struct Tree<'a> {
    /// Elements of open arrays, outermost first.
    elements: Vec<Node<'a>>,
    /// Members of open objects, outermost first. The last member of each is null until its value is complete.
    members: Vec<Member<'a>>,
    open: Vec<Open>,
    /// The kind of the innermost open container.
    inside: Inside,
    root: Option<Node<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Array,
    Object,
}

struct Open {
    /// The kind of the container around it.
    within: Inside,
    offset: usize,
    /// Length of `elements` or `members` when the container opened.
    stacked: usize,
}

impl<'a> Tree<'a> {
    fn with_room() -> Self {
        Self {
            elements: Vec::with_capacity(ELEMENTS_ROOM),
            members: Vec::with_capacity(MEMBERS_ROOM),
            open: Vec::with_capacity(DEPTH_ROOM),
            inside: Inside::Nothing,
            root: None,
        }
    }

    #[inline]
    fn place(&mut self, value: Value<'a>, span: Span) {
        match self.inside {
            Inside::Object => {
                // The driver reports a key before each value of an object.
                if let Some(member) = self.members.last_mut() {
                    member.node = Node { value, span };
                }
            }
            Inside::Array => self.elements.push(Node { value, span }),
            Inside::Nothing => self.root = Some(Node { value, span }),
        }
    }
}

impl<'a> Sink<'a> for Tree<'a> {
    const WANTS_TEXT: bool = true;

    #[inline]
    fn null(&mut self, span: Span) {
        self.place(Value::Null, span);
    }

    #[inline]
    fn bool(&mut self, truth: bool, span: Span) {
        self.place(Value::Bool(truth), span);
    }

    #[inline]
    fn number(&mut self, text: &'a str, span: Span) {
        self.place(Value::Number(Cow::Borrowed(text)), span);
    }

    #[inline]
    fn string(&mut self, text: Cow<'a, str>, span: Span) {
        self.place(Value::String(text), span);
    }

    #[inline]
    fn key(&mut self, key: Cow<'a, str>, key_span: Span) {
        let node = Node { value: Value::Null, span: Span::NONE };
        self.members.push(Member { key, key_span, node });
    }

    fn open(&mut self, is_object: bool, offset: usize) {
        let (inside, stacked) =
            if is_object { (Inside::Object, self.members.len()) } else { (Inside::Array, self.elements.len()) };
        self.open.push(Open { within: self.inside, offset, stacked });
        self.inside = inside;
    }

    fn close(&mut self, _: bool, offset_after: usize) {
        let Some(container) = self.open.pop() else { return };
        let value = if self.inside == Inside::Object {
            Value::Object(Object::new(self.members.split_off(container.stacked)))
        } else {
            Value::Array(self.elements.split_off(container.stacked))
        };
        self.inside = container.within;
        self.place(value, Span::new(container.offset, offset_after));
    }
}
