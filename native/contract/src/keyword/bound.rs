//! `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`: compared as exact decimals, also beyond a double's
//! precision.

use std::cmp::Ordering;
use std::sync::Arc;

use chartly_json::number::{Exact, nearest, surviving};
use chartly_json::{Node, Value};

use crate::compile::{Compiled, Context};
use crate::schema::{Description, Keyword, Run};
use crate::{Bound, Rule};

#[derive(Debug)]
struct Limit {
    bound: Bound,
    side: Side,
}

#[derive(Debug, Clone, Copy)]
enum Side {
    Minimum,
    Maximum,
    ExclusiveMinimum,
    ExclusiveMaximum,
}

pub(super) fn compile_minimum<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(compile(node, Side::Minimum))
}

pub(super) fn compile_maximum<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(compile(node, Side::Maximum))
}

pub(super) fn compile_exclusive_minimum<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(compile(node, Side::ExclusiveMinimum))
}

pub(super) fn compile_exclusive_maximum<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    Ok(compile(node, Side::ExclusiveMaximum))
}

fn compile(node: &Node<'_>, side: Side) -> Option<Box<dyn Keyword>> {
    let bound = Bound::of(&node.value)?;
    Some(Box::new(Limit { bound, side }))
}

impl Bound {
    /// Return the bound for a schema's number; `None` when the value is no number.
    pub(crate) fn of(value: &Value<'_>) -> Option<Self> {
        let Value::Number(text) = value else { return None };
        let infinite = if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
        let double = nearest(text).unwrap_or(infinite);
        Some(Self { text: Arc::from(&**text), double, is_exact: surviving(text).is_ok_and(|number| number.is_exact) })
    }

    /// Return the order of a number and the bound; `None` when the value is no number.
    #[must_use]
    pub fn compare(&self, value: &Value<'_>) -> Option<Ordering> {
        value.with_exact(|exact| exact.cmp(&Exact::new(&self.text)))
    }
}

impl Keyword for Limit {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        let Some(order) = self.bound.compare(instance) else { return true };
        match self.side {
            Side::Minimum => order.is_ge(),
            Side::Maximum => order.is_le(),
            Side::ExclusiveMinimum => order.is_gt(),
            Side::ExclusiveMaximum => order.is_lt(),
        }
    }

    fn describe(&self) -> Description<'_> {
        let bound = self.bound.clone();
        Description::Rule(match self.side {
            Side::Minimum => Rule::Minimum(bound),
            Side::Maximum => Rule::Maximum(bound),
            Side::ExclusiveMinimum => Rule::ExclusiveMinimum(bound),
            Side::ExclusiveMaximum => Rule::ExclusiveMaximum(bound),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::meets;

    /// Numbers beyond a double's precision and range are compared exactly.
    #[test]
    fn compares_exactly() {
        assert!(!meets(r#"{"maximum": 9007199254740992}"#, "9007199254740993"));
        assert!(meets(r#"{"exclusiveMinimum": 9007199254740992}"#, "9007199254740993"));
        assert!(!meets(r#"{"maximum": 1e400}"#, "1e401"));
        assert!(meets(r#"{"minimum": 1.1}"#, "1.10"));
        assert!(meets(r#"{"minimum": 1.1}"#, r#""a string""#));
    }
}
