//! Filters: whether an expression holds for the node under test (`@`).

use chartly_json::{Node, Value};

use super::Evaluation;
use super::compare::{Operand, compare};
use super::watch::Watch;
use crate::ast::{Comparable, FilterQuery, Function, Logical, Matches, Pattern};
use crate::effort::{Effort, PATTERN_NODES};
use crate::iregexp;

impl<'d, 'a: 'd, W: Watch> Evaluation<'_, 'd, 'a, W> {
    pub(super) fn holds(&mut self, logical: &Logical, current: &'d Node<'a>) -> bool {
        match logical {
            Logical::Or(alternatives) => alternatives.iter().any(|one| self.holds(one, current)),
            Logical::And(conditions) => conditions.iter().all(|one| self.holds(one, current)),
            Logical::Not(negated) => !self.holds(negated, current),
            Logical::Exists(query) => !self.nodes(query, current).is_empty(),
            Logical::Compare { left, operator, right } => {
                let (left, right) = (self.value(left, current), self.value(right, current));
                if let (Operand::Node(left), Operand::Node(right)) = (&left, &right) {
                    self.read_both(left, right);
                }
                compare(&left, *operator, &right)
            }
            Logical::Matches(matches) => self.matches(matches, current),
        }
    }

    fn start(&self, query: &FilterQuery, current: &'d Node<'a>) -> &'d Node<'a> {
        if query.absolute { self.root } else { current }
    }

    fn nodes(&mut self, query: &FilterQuery, current: &'d Node<'a>) -> Vec<super::Found<'d, 'a, ()>> {
        let start = self.start(query, current);
        self.segments(&query.segments, ((), start))
    }

    /// Note that two structures are compared, which reads them whole. A structure that is compared with a scalar is not
    /// read.
    fn read_both(&mut self, left: &Node<'a>, right: &Node<'a>) {
        let is_structure = |node: &Node<'_>| matches!(node.value, Value::Array(_) | Value::Object(_));
        if is_structure(left) && is_structure(right) {
            self.effort.take_bytes(left.span.len().min(right.span.len()));
            self.watch.whole(left);
            self.watch.whole(right);
        }
    }

    fn value<'q>(&mut self, comparable: &'q Comparable, current: &'d Node<'a>) -> Operand<'q, 'a>
    where
        'd: 'q,
    {
        match comparable {
            Comparable::Literal(value) => Operand::Literal(value),
            Comparable::Singular(query) => {
                let start = self.start(query, current);
                self.singular(&query.segments, start).map_or(Operand::Nothing, Operand::Node)
            }
            Comparable::Function(function) => self.call(function, current),
        }
    }

    fn call<'q>(&mut self, function: &'q Function, current: &'d Node<'a>) -> Operand<'q, 'a>
    where
        'd: 'q,
    {
        match function {
            Function::Length(argument) => {
                let argument = self.value(argument, current);
                if let Operand::Node(Node { value: Value::Object(object), .. }) = &argument {
                    self.watch.object(object);
                }
                let effort = self.effort;
                argument.with_value(|value| length(value, effort)).flatten().map_or(Operand::Nothing, Operand::Count)
            }
            Function::Count(query) => Operand::Count(self.nodes(query, current).len()),
            Function::Value(query) => match self.nodes(query, current).as_slice() {
                [((), only)] => Operand::Node(only),
                _ => Operand::Nothing,
            },
        }
    }

    fn matches(&mut self, matches: &Matches, current: &'d Node<'a>) -> bool {
        let subject = self.value(&matches.subject, current);
        let computed;
        let regex = match &matches.pattern {
            Pattern::Fixed(regex) => regex.as_ref(),
            Pattern::Computed { text, reach } => {
                let text = self.value(text, current);
                let effort = self.effort;
                let compile = |text: &Value<'_>| {
                    let text = text.as_str().filter(|text| effort.take(PATTERN_NODES + text.len() as u64))?;
                    iregexp::compile(text, *reach)
                };
                computed = text.with_value(compile).flatten();
                computed.as_ref()
            }
        };
        let effort = self.effort;
        let is_match = |subject: &Value<'_>| {
            let text = subject.as_str().filter(|text| effort.take_bytes(text.len()))?;
            Some(regex?.is_match(text))
        };
        subject.with_value(is_match).flatten() == Some(true)
    }
}

/// Return the number of characters, elements or members.
fn length(value: &Value<'_>, effort: &Effort) -> Option<usize> {
    match value {
        Value::String(text) | Value::Decimal(text) => effort.take_bytes(text.len()).then(|| text.chars().count()),
        Value::Array(elements) => Some(elements.len()),
        Value::Object(object) => Some(object.len()),
        _ => None,
    }
}
