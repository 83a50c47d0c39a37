//! A set of scalars out of a profile, asked by value: text by its text, a number by its decimal, so that 1.0 is 1.
//!
//! Text and numbers never meet: "1" is not 1.

use std::collections::HashSet;

use chartly_json::Value;

use crate::{Failure, text};

/// The scalars, each under the kind that it has in JSON.
#[derive(Debug)]
pub(crate) struct ScalarSet {
    texts: HashSet<Box<str>>,
    numbers: HashSet<Box<str>>,
    booleans: HashSet<bool>,
}

impl ScalarSet {
    /// Collect a list; nothing when one of it is no scalar.
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

    /// Tell whether a scalar is among them.
    pub(crate) fn contains(&self, value: &Value<'_>) -> Result<bool, Failure> {
        Ok(match value {
            Value::Bool(truth) => self.booleans.contains(truth),
            Value::String(text) => self.texts.contains(&**text),
            number => self.numbers.contains(&*text::of_scalar(number)?),
        })
    }
}
