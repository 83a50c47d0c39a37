//! A set of scalars of a profile, compared by value: text by its text, a number by its decimal, so that 1.0 is 1.
//!
//! Text and numbers are never equal: "1" is not 1.

use std::collections::HashSet;

use chartly_json::Value;

use crate::{Failure, text};

/// The scalars, by their JSON type.
#[derive(Debug)]
pub(crate) struct ScalarSet {
    texts: HashSet<Box<str>>,
    numbers: HashSet<Box<str>>,
    booleans: HashSet<bool>,
}

impl ScalarSet {
    /// Make a set of a list; `None` when an element is no scalar.
    pub(crate) fn of<'v>(values: impl IntoIterator<Item = &'v Value<'v>>) -> Option<Self> {
        let mut set = Self { texts: HashSet::new(), numbers: HashSet::new(), booleans: HashSet::new() };
        for value in values {
            match value {
                Value::Bool(truth) => {
                    set.booleans.insert(*truth);
                }
                Value::String(text) => {
                    set.texts.insert(Box::from(&**text));
                }
                number => {
                    set.numbers.insert(Box::from(&*text::of_scalar(number).ok()?));
                }
            }
        }
        Some(set)
    }

    /// Return whether a scalar is among them.
    pub(crate) fn contains(&self, value: &Value<'_>) -> Result<bool, Failure> {
        Ok(match value {
            Value::Bool(truth) => self.booleans.contains(truth),
            Value::String(text) => self.texts.contains(&**text),
            number => self.numbers.contains(&*text::of_scalar(number)?),
        })
    }
}
