//! `parse`: the tree of one JSON text. Values wait on one stack until their container closes, so that each container is
//! allocated once, at its final size.

use std::borrow::Cow;

use crate::drive::{Sink, drive};
use crate::{Limits, Member, Node, Object, ParseError, Span, Value};

/// Parse one JSON text into a tree that borrows from it.
///
/// # Errors
/// The first problem in the order of bytes; [`ParseError::TooLarge`] before any is read.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Node<'_>, ParseError> {
    let mut tree = Tree::with_room();
    drive(bytes, limits.bounded(), &mut tree)?;
    // A text that the driver accepts has exactly one root; the fallback is its end, not a guess at a value.
    tree.root.ok_or(ParseError::malformed(bytes.len(), crate::Rule::UnexpectedEnd))
}

/// Room that common records don't outgrow, so that the stacks are allocated once each.
const MEMBERS_ROOM: usize = 32;
const DEPTH_ROOM: usize = 8;

struct Tree<'a> {
    /// Elements of open arrays, outermost first.
    elements: Vec<Node<'a>>,
    /// Members of open objects, outermost first.
    members: Vec<Member<'a>>,
    /// Keys whose value is still open or to come.
    keys: Vec<(Cow<'a, str>, Span)>,
    open: Vec<Open>,
    root: Option<Node<'a>>,
}

struct Open {
    is_object: bool,
    offset: usize,
    /// Length of `elements` or `members` when the container opened.
    stacked: usize,
}

impl<'a> Tree<'a> {
    fn with_room() -> Self {
        Self {
            elements: Vec::with_capacity(MEMBERS_ROOM),
            members: Vec::with_capacity(MEMBERS_ROOM),
            keys: Vec::with_capacity(DEPTH_ROOM),
            open: Vec::with_capacity(DEPTH_ROOM),
            root: None,
        }
    }

    #[inline]
    fn place(&mut self, node: Node<'a>) {
        match self.open.last() {
            None => self.root = Some(node),
            Some(container) if !container.is_object => self.elements.push(node),
            Some(_) => {
                if let Some((key, key_span)) = self.keys.pop() {
                    self.members.push(Member { key, key_span, node });
                }
            }
        }
    }
}

impl<'a> Sink<'a> for Tree<'a> {
    const WANTS_TEXT: bool = true;

    fn null(&mut self, span: Span) {
        self.place(Node { value: Value::Null, span });
    }

    fn bool(&mut self, truth: bool, span: Span) {
        self.place(Node { value: Value::Bool(truth), span });
    }

    fn number(&mut self, text: &'a str, span: Span) {
        self.place(Node { value: Value::Number(Cow::Borrowed(text)), span });
    }

    fn string(&mut self, text: Cow<'a, str>, span: Span) {
        self.place(Node { value: Value::String(text), span });
    }

    fn key(&mut self, text: Cow<'a, str>, span: Span) {
        self.keys.push((text, span));
    }

    fn open(&mut self, is_object: bool, offset: usize) {
        let stacked = if is_object { self.members.len() } else { self.elements.len() };
        self.open.push(Open { is_object, offset, stacked });
    }

    fn close(&mut self, _: bool, offset_after: usize) {
        let Some(container) = self.open.pop() else { return };
        let value = if container.is_object {
            Value::Object(Object::new(self.members.split_off(container.stacked)))
        } else {
            Value::Array(self.elements.split_off(container.stacked))
        };
        self.place(Node { value, span: Span::new(container.offset, offset_after) });
    }
}
