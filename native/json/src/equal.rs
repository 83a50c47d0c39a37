//! Equality of JSON values: numbers by exact value, members in any order. A computed number equals the number that RFC
//! 8785 writes for it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

use crate::number::{Exact, shortest};
use crate::{Member, Object, Value};

/// Up to this many members are searched one by one; beyond it a map keeps the comparison linear.
const LINEAR_MEMBERS_MAX: usize = 12;

impl Value<'_> {
    /// Call `use_it` with the number's exact value; `None` when the value is no number.
    pub fn with_exact<T>(&self, use_it: impl FnOnce(Exact<'_>) -> T) -> Option<T> {
        match self {
            Self::Number(text) => Some(use_it(Exact::new(text))),
            Self::Double(double) => Some(use_it(shortest(*double).exact())),
            _ => None,
        }
    }

    /// Return whether two values are the same JSON value. The result is undefined for repeated keys.
    ///
    /// ```
    /// # use chartly_json::{Limits, parse};
    /// let one = parse(br#"{"a": 1.0, "b": [1e2]}"#, Limits::default())?;
    /// let other = parse(br#"{"b": [100], "a": 1}"#, Limits::default())?;
    /// assert!(one.value.equals(&other.value));
    /// # Ok::<(), chartly_json::ParseError>(())
    /// ```
    #[must_use]
    pub fn equals(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(one), Value::Bool(two)) => one == two,
            (Self::Number(one), Value::Number(two)) if one == two => true,
            (Self::Array(one), Value::Array(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(a, b)| a.value.equals(&b.value))
            }
            (Self::Object(one), Value::Object(two)) => objects_equal(one, two),
            _ => match (self.as_str(), other.as_str()) {
                (Some(one), Some(two)) => one == two,
                _ => self.with_exact(|one| other.with_exact(|two| one == two)).flatten() == Some(true),
            },
        }
    }
}

impl Value<'_> {
    /// Return a hash that is the same for equal values, in any order of members.
    #[must_use]
    pub fn hash_with(&self, build: &impl BuildHasher) -> u64 {
        let mut hasher = build.build_hasher();
        if let Some(text) = self.as_str() {
            ('s', text).hash(&mut hasher);
            return hasher.finish();
        }
        match self {
            Self::Bool(truth) => ('b', truth).hash(&mut hasher),
            Self::Array(elements) => {
                'a'.hash(&mut hasher);
                for element in elements {
                    element.value.hash_with(build).hash(&mut hasher);
                }
            }
            Self::Object(object) => {
                let of_member = |member: &Member<'_>| build.hash_one((&member.key, member.node.value.hash_with(build)));
                ('o', object.members().iter().map(of_member).fold(0, u64::wrapping_add)).hash(&mut hasher);
            }
            _ => {
                // A number by its value, or null.
                let of_number = self.with_exact(|exact| exact.hash(&mut hasher));
                of_number.is_some().hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}

fn objects_equal(one: &Object<'_>, two: &Object<'_>) -> bool {
    if one.len() != two.len() {
        return false;
    }
    if one.len() <= LINEAR_MEMBERS_MAX {
        let has = |key: &str, value: &Value<'_>| two.get(key).is_some_and(|node| value.equals(&node.value));
        return one.members().iter().all(|member| has(&member.key, &member.node.value));
    }
    let by_key: HashMap<&str, &Value<'_>> =
        two.members().iter().map(|member| (&*member.key, &member.node.value)).collect();
    let has = |key: &str, value: &Value<'_>| by_key.get(key).is_some_and(|other| value.equals(other));
    one.members().iter().all(|member| has(&member.key, &member.node.value))
}
