//! Comparison of single values (RFC 9535 §2.3.5.2.2): numbers by exact value, strings by code points, the rest by equality.

use std::cmp::Ordering;

use chartly_json::{Node, Value};

use crate::ast::Operator;

/// One side of a comparison.
#[derive(Debug, Clone)]
pub(crate) enum Operand<'d, 'a> {
    /// A query that selects nothing, or a function without a result.
    Nothing,
    /// A literal of the query.
    Literal(&'d Value<'a>),
    /// The node that a query within the filter selects.
    Node(&'d Node<'a>),
    /// A length or a count.
    Count(usize),
}

impl<'a> Operand<'_, 'a> {
    /// Call `use_it` with the operand as a value; `None` when it is nothing.
    pub(crate) fn with_value<T>(&self, use_it: impl FnOnce(&Value<'a>) -> T) -> Option<T> {
        match self {
            Self::Nothing => None,
            Self::Literal(value) => Some(use_it(value)),
            Self::Node(node) => Some(use_it(&node.value)),
            Self::Count(count) => Some(use_it(&Value::Number(count.to_string().into()))),
        }
    }
}

pub(crate) fn compare(left: &Operand<'_, '_>, operator: Operator, right: &Operand<'_, '_>) -> bool {
    match operator {
        Operator::Equal => equal(left, right),
        Operator::NotEqual => !equal(left, right),
        Operator::Less => less(left, right),
        Operator::LessOrEqual => less(left, right) || equal(left, right),
        Operator::Greater => less(right, left),
        Operator::GreaterOrEqual => less(right, left) || equal(left, right),
    }
}

fn equal(left: &Operand<'_, '_>, right: &Operand<'_, '_>) -> bool {
    match (left, right) {
        (Operand::Nothing, Operand::Nothing) => true,
        _ => left.with_value(|one| right.with_value(|two| one.equals(two))).flatten() == Some(true),
    }
}

fn less(left: &Operand<'_, '_>, right: &Operand<'_, '_>) -> bool {
    left.with_value(|one| right.with_value(|two| order(one, two))).flatten().flatten() == Some(Ordering::Less)
}

/// Return the order of two numbers or two strings; other values have none.
fn order(one: &Value<'_>, two: &Value<'_>) -> Option<Ordering> {
    if let (Some(one), Some(two)) = (one.as_str(), two.as_str()) {
        return Some(one.cmp(two));
    }
    one.with_exact(|one| two.with_exact(|two| one.cmp(&two))).flatten()
}
