//! Read a profile's JSON together with its place, so that every error names its pointer and rule. It doesn't know the
//! format.

use serde_json::{Map, Value};

use crate::error::PlanError;

/// A value of the profile and its JSON Pointer.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'p> {
    pub(crate) value: &'p Value,
    pub(crate) pointer: String,
}

/// Return a key as a reference token of a JSON Pointer (RFC 6901 §3).
pub(crate) fn escape_pointer(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl<'p> Reader<'p> {
    pub(crate) fn new(value: &'p Value, pointer: impl Into<String>) -> Self {
        Self { value, pointer: pointer.into() }
    }

    pub(crate) fn error(&self, rule: &'static str, detail: impl Into<String>) -> PlanError {
        PlanError::profile(self.pointer.clone(), rule, detail)
    }

    /// Return the value as an object with any keys.
    pub(crate) fn map(&self) -> Result<&'p Map<String, Value>, PlanError> {
        self.value.as_object().ok_or_else(|| self.error("type", "must be an object"))
    }

    /// Return the value as an object with only these keys.
    pub(crate) fn map_of(&self, known: &[&str]) -> Result<&'p Map<String, Value>, PlanError> {
        let map = self.map()?;
        match map.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(map),
            Some(key) => Err(self
                .child_at(key, self.value)
                .error("unknownKey", format!("unknown key {key:?}; known are {}", known.join(", ")))),
        }
    }

    /// Return the member, if there is one.
    pub(crate) fn child(&self, key: &str) -> Option<Self> {
        self.value.get(key).map(|value| self.child_at(key, value))
    }

    /// Return the member, or an error if there is none.
    pub(crate) fn required(&self, key: &str) -> Result<Self, PlanError> {
        self.child(key).ok_or_else(|| self.error("missingKey", format!("{key} is required")))
    }

    pub(crate) fn child_at(&self, key: &str, value: &'p Value) -> Self {
        Self { value, pointer: format!("{}/{}", self.pointer, escape_pointer(key)) }
    }

    /// Return the elements of a list.
    pub(crate) fn list(&self) -> Result<Vec<Self>, PlanError> {
        let elements = self.value.as_array().ok_or_else(|| self.error("type", "must be a list"))?;
        Ok(elements
            .iter()
            .enumerate()
            .map(|(index, value)| Self { value, pointer: format!("{}/{index}", self.pointer) })
            .collect())
    }

    pub(crate) fn text(&self) -> Result<&'p str, PlanError> {
        self.value.as_str().ok_or_else(|| self.error("type", "must be a string"))
    }

    /// Return a string that is not empty.
    pub(crate) fn name(&self) -> Result<&'p str, PlanError> {
        match self.text()? {
            "" => Err(self.error("empty", "must not be empty")),
            text => Ok(text),
        }
    }

    pub(crate) fn truth(&self) -> Result<bool, PlanError> {
        self.value.as_bool().ok_or_else(|| self.error("type", "must be true or false"))
    }

    /// Return a whole number within bounds.
    pub(crate) fn whole_within(&self, least: u64, most: u64) -> Result<u64, PlanError> {
        self.value
            .as_u64()
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.error("range", format!("must be a whole number from {least} to {most}")))
    }
}
