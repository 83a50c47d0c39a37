//! Evaluate a query: each segment turns a list of nodes into the next list (RFC 9535 §2.5). The recursion is as deep as
//! the document, whose depth its parser bounds.

mod compare;
mod filter;
mod place;
mod slice;
mod watch;

use chartly_json::{Node, Value};

use crate::ast::{Segment, Selector};
use crate::{Effort, EffortExceeded, NormalizedPath, Step};
use place::Place;
pub(crate) use watch::Watch;

/// A selected node and its path.
#[derive(Debug, Clone)]
pub struct Located<'d, 'a> {
    /// The node's normalized path.
    pub path: NormalizedPath,
    /// The node.
    pub node: &'d Node<'a>,
}

/// A node and its place; the place is `()` when it is not recorded.
pub(crate) type Found<'d, 'a, P> = (P, &'d Node<'a>);

/// Return the selected nodes; an error when the bound is too small.
pub(crate) fn select<'d, 'a, W: Watch>(
    segments: &[Segment],
    root: &'d Node<'a>,
    effort: &Effort,
    watch: &mut W,
) -> Result<Vec<&'d Node<'a>>, EffortExceeded> {
    let mut evaluation = Evaluation { root, effort, watch };
    let found = evaluation.segments(segments, ((), root));
    effort.outcome(found.into_iter().map(|((), node)| node).collect())
}

pub(crate) fn select_located<'d, 'a>(
    segments: &[Segment],
    root: &'d Node<'a>,
    effort: &Effort,
) -> Result<Vec<Located<'d, 'a>>, EffortExceeded> {
    let mut evaluation = Evaluation { root, effort, watch: &mut () };
    let found = evaluation.segments(segments, (NormalizedPath::default(), root));
    effort.outcome(found.into_iter().map(|(path, node)| Located { path, node }).collect())
}

/// One evaluation over one document.
pub(crate) struct Evaluation<'w, 'd, 'a, W> {
    root: &'d Node<'a>,
    effort: &'w Effort,
    watch: &'w mut W,
}

impl<'d, 'a, W: Watch> Evaluation<'_, 'd, 'a, W> {
    fn segments<P: Place>(&mut self, segments: &[Segment], start: Found<'d, 'a, P>) -> Vec<Found<'d, 'a, P>> {
        let mut nodes = vec![start];
        for segment in segments {
            let mut next = Vec::new();
            for (place, node) in &nodes {
                if !self.effort.take(1) {
                    return Vec::new();
                }
                if segment.descendant {
                    self.descend(segment, place, node, &mut next);
                } else {
                    self.selectors(segment, place, node, &mut next);
                }
            }
            nodes = next;
        }
        nodes
    }

    /// Apply the selectors to a node, then to each of its children, recursively.
    fn descend<P: Place>(&mut self, segment: &Segment, place: &P, node: &'d Node<'a>, out: &mut Vec<Found<'d, 'a, P>>) {
        self.selectors(segment, place, node, out);
        if !self.effort.take(1) {
            return;
        }
        match &node.value {
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.descend(segment, &place.index(index), element, out);
                }
            }
            Value::Object(object) => {
                for member in object.members() {
                    self.descend(segment, &place.name(&member.key), &member.node, out);
                }
            }
            _ => {}
        }
    }

    fn selectors<P: Place>(
        &mut self,
        segment: &Segment,
        place: &P,
        node: &'d Node<'a>,
        out: &mut Vec<Found<'d, 'a, P>>,
    ) {
        for selector in &segment.selectors {
            match (selector, &node.value) {
                (Selector::Name(name), Value::Object(object)) => {
                    self.watch.object(object);
                    out.extend(object.get(name).map(|child| (place.name(name), child)));
                }
                (Selector::Wildcard | Selector::Filter(_), Value::Object(object)) => {
                    self.watch.object(object);
                    for member in object.members() {
                        if !self.effort.take(1) {
                            return;
                        }
                        if self.passes(selector, &member.node) {
                            out.push((place.name(&member.key), &member.node));
                        }
                    }
                }
                (Selector::Wildcard | Selector::Filter(_), Value::Array(elements)) => {
                    for (index, element) in elements.iter().enumerate() {
                        if !self.effort.take(1) {
                            return;
                        }
                        if self.passes(selector, element) {
                            out.push((place.index(index), element));
                        }
                    }
                }
                (Selector::Index(index), Value::Array(elements)) => {
                    let index = slice::resolve(*index, elements.len());
                    out.extend(index.map(|index| (place.index(index), &elements[index])));
                }
                (Selector::Slice(slice), Value::Array(elements)) => {
                    for index in slice::indexes(*slice, elements.len()) {
                        if !self.effort.take(1) {
                            return;
                        }
                        out.push((place.index(index), &elements[index]));
                    }
                }
                _ => {}
            }
        }
    }

    fn passes(&mut self, selector: &Selector, node: &'d Node<'a>) -> bool {
        match selector {
            Selector::Filter(logical) => self.holds(logical, node),
            _ => true,
        }
    }

    /// Return the node that a query of single steps selects.
    fn singular(&mut self, segments: &[Segment], start: &'d Node<'a>) -> Option<&'d Node<'a>> {
        self.segments(segments, ((), start)).pop().map(|((), node)| node)
    }
}

impl Place for NormalizedPath {
    fn name(&self, name: &str) -> Self {
        self.child(Step::Name(name.to_owned()))
    }

    fn index(&self, index: usize) -> Self {
        self.child(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }
}
