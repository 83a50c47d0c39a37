//! Filters: whether an expression holds for the node under test (`@`).

use chartly_json::{Node, Value};

use super::Evaluation;
use super::compare::{Operand, compare};
use crate::ast::{Comparable, FilterQuery, Logical, Matches};
use crate::function::Function;
use crate::iregexp::{self, Pattern};
use crate::reads::Watch;

impl<'d, 'a: 'd, W: Watch> Evaluation<'_, 'd, 'a, W> {
    pub(super) fn holds(&mut self, logical: &Logical, current: &'d Node<'a>) -> bool {
        match logical {
            Logical::Or(alternatives) => alternatives.iter().any(|one| self.holds(one, current)),
            Logical::And(conditions) => conditions.iter().all(|one| self.holds(one, current)),
            Logical::Not(negated) => !self.holds(negated, current),
            Logical::Exists(query) => !self.nodes(query, current).is_empty(),
            Logical::Compare { left, operator, right } => {
                let (left, right) = (self.value(left, current), self.value(right, current));
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

    /// A comparable's value. What a query selects for it is read as a whole.
    fn value<'q>(&mut self, comparable: &'q Comparable, current: &'d Node<'a>) -> Operand<'q, 'a>
    where
        'd: 'q,
    {
        let selected = match comparable {
            Comparable::Literal(value) => return Operand::Value(value),
            Comparable::Singular(query) => {
                let start = self.start(query, current);
                self.singular(&query.segments, start)
            }
            Comparable::Function(function) => return self.call(function, current),
        };
        self.whole(selected)
    }

    fn whole<'q>(&mut self, node: Option<&'d Node<'a>>) -> Operand<'q, 'a>
    where
        'd: 'q,
    {
        let Some(node) = node else { return Operand::Nothing };
        self.watch.whole(node);
        Operand::Value(&node.value)
    }

    fn call<'q>(&mut self, function: &'q Function, current: &'d Node<'a>) -> Operand<'q, 'a>
    where
        'd: 'q,
    {
        match function {
            Function::Length(argument) => {
                let argument = self.value(argument, current);
                argument.with_value(length).flatten().map_or(Operand::Nothing, Operand::Count)
            }
            Function::Count(query) => Operand::Count(self.nodes(query, current).len()),
            Function::Value(query) => match self.nodes(query, current).as_slice() {
                [((), only)] => self.whole(Some(only)),
                _ => Operand::Nothing,
            },
        }
    }

    fn matches(&mut self, matches: &Matches, current: &'d Node<'a>) -> bool {
        let subject = self.value(&matches.subject, current);
        let Operand::Value(Value::String(subject) | Value::Decimal(subject)) = &subject else { return false };
        match &matches.pattern {
            Pattern::Fixed(regex) => regex.as_ref().is_some_and(|regex| regex.is_match(subject)),
            Pattern::Computed { text, reach } => {
                let text = self.value(text, current);
                let regex = text.with_value(|text| text.as_str().and_then(|text| iregexp::compile(text, *reach)));
                regex.flatten().is_some_and(|regex| regex.is_match(subject))
            }
        }
    }
}

/// Characters, elements or members.
fn length(value: &Value<'_>) -> Option<usize> {
    match value {
        Value::String(text) | Value::Decimal(text) => Some(text.chars().count()),
        Value::Array(elements) => Some(elements.len()),
        Value::Object(object) => Some(object.len()),
        _ => None,
    }
}
