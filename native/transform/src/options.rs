//! Read an op's options from a profile: each once, by type. An option that no code has read is an error.
//!
//! The names and bounds are those of the ops.

use std::cell::RefCell;

use chartly_json::{Object, Value};

use crate::OpError;
use crate::decimal::{Decimal, Rounding};
use crate::scalar_set::ScalarSet;
use crate::secret::{NoSecrets, Secret, SecretRef, Secrets};

/// The keys of every transform, which are read elsewhere: op, field and condition.
const COMMON_KEYS: &[&str] = &["op", "field", "when"];

/// The option for the number of digits, for ops that may round.
pub(crate) const SCALE: (&str, &str) =
    ("scale", "digits after the point to which the result is rounded, 0–38; by default the result is exact");
/// The option for the rounding, for those ops.
pub(crate) const ROUNDING: (&str, &str) = (
    "rounding",
    "`halfEven` (default), `halfUp` (ties away from zero), `halfDown` (ties towards zero), `down` (towards zero), `up` (away \
     from zero), `floor` or `ceiling`",
);
/// The meaning of `rounding` for ops that otherwise refuse to cut digits.
pub(crate) const ROUNDING_MEANING: &str =
    "how digits beyond `scale` are rounded, as for `round`; without it they are a loss of precision";
/// The option for the key of a keyed op.
pub(crate) const SECRET: (&str, &str) = (
    "secretRef",
    "`{name, key}`: the secret whose bytes, at least 16, are the key; required. A key is never written in a profile",
);
/// The option for the values of a policy.
pub(crate) const VALUES: (&str, &str) = ("values", "the scalars, 1–65,536; required");

/// A longer list is a dataset, not part of a profile.
const LIST_ITEMS_MAX: usize = 65_536;

/// The most bytes of a text option. People write profiles, and 64 KiB is more than any table cell needs.
const OPTION_BYTES_MAX: usize = 65_536;

/// The options of one transform.
pub(crate) struct Options<'o> {
    op: &'static str,
    /// The options that the op has, each with its meaning.
    known: &'static [(&'static str, &'static str)],
    object: &'o Object<'o>,
    common: &'static [&'static str],
    secrets: &'o dyn Secrets,
    read: RefCell<Vec<&'static str>>,
}

impl<'o> Options<'o> {
    pub(crate) fn new(
        op: &'static str,
        known: &'static [(&'static str, &'static str)],
        object: &'o Object<'o>,
        secrets: &'o dyn Secrets,
    ) -> Self {
        Self { op, known, object, common: COMMON_KEYS, secrets, read: RefCell::default() }
    }

    /// Return the options of a condition. It has neither the common keys nor secrets.
    pub(crate) fn of_condition(known: &'static [(&'static str, &'static str)], object: &'o Object<'o>) -> Self {
        Self { op: "when", known, object, common: &[], secrets: &NoSecrets, read: RefCell::default() }
    }

    /// Refuse options that the op doesn't have.
    pub(crate) fn refuse_unknown(&self) -> Result<(), OpError> {
        let known = |key: &str| self.known.iter().any(|(option, _)| *option == key);
        match self.given().find(|key| !known(key)) {
            None => Ok(()),
            Some(key) => Err(OpError::UnknownOption { op: self.op, option: key.to_owned() }),
        }
    }

    /// Refuse options that the op has but that have no meaning together with the other ones: no code has read them.
    pub(crate) fn refuse_unread(&self) -> Result<(), OpError> {
        let read = self.read.borrow();
        let given: Vec<&str> = self.given().collect();
        let unread = self.known.iter().find(|(option, _)| given.contains(option) && !read.contains(option));
        match unread {
            None => Ok(()),
            Some((option, _)) => Err(self.bad(option, "absent, as it has no meaning with the other options")),
        }
    }

    fn given(&self) -> impl Iterator<Item = &str> {
        self.object.members().iter().map(|member| &*member.key).filter(|key| !self.common.contains(key))
    }

    /// Return an option's value. A null counts as absent.
    pub(crate) fn value(&self, option: &'static str) -> Option<&'o Value<'o>> {
        debug_assert!(self.known.iter().any(|(known, _)| *known == option), "{option} is documented");
        self.read.borrow_mut().push(option);
        self.object.get(option).map(|node| &node.value).filter(|value| !value.is_null())
    }

    pub(crate) fn bad(&self, option: &'static str, rule: impl Into<String>) -> OpError {
        OpError::BadOption { op: self.op, option, rule: rule.into() }
    }

    pub(crate) fn missing(&self, option: &'static str) -> OpError {
        OpError::MissingOption { op: self.op, option }
    }

    pub(crate) fn required<T>(&self, option: &'static str, value: Option<T>) -> Result<T, OpError> {
        value.ok_or_else(|| self.missing(option))
    }

    pub(crate) fn text(&self, option: &'static str) -> Result<Option<&'o str>, OpError> {
        match self.value(option) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() <= OPTION_BYTES_MAX => Ok(Some(text)),
            Some(_) => Err(self.bad(option, format!("text of at most {OPTION_BYTES_MAX} bytes"))),
        }
    }

    pub(crate) fn boolean(&self, option: &'static str) -> Result<Option<bool>, OpError> {
        match self.value(option) {
            None => Ok(None),
            Some(Value::Bool(truth)) => Ok(Some(*truth)),
            Some(_) => Err(self.bad(option, "true or false")),
        }
    }

    /// Return a whole number within bounds.
    pub(crate) fn whole(&self, option: &'static str, minimum: i64, maximum: i64) -> Result<Option<i64>, OpError> {
        let number = match self.value(option) {
            None => return Ok(None),
            Some(Value::Number(text)) => text.parse::<i64>().ok(),
            Some(_) => None,
        };
        match number.filter(|number| (minimum..=maximum).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(self.bad(option, format!("a whole number from {minimum} to {maximum}"))),
        }
    }

    /// Return a count within bounds, both below 2^31.
    pub(crate) fn count(&self, option: &'static str, minimum: u32, maximum: u32) -> Result<Option<u32>, OpError> {
        let number = self.whole(option, minimum.into(), maximum.into())?;
        Ok(number.and_then(|number| u32::try_from(number).ok()))
    }

    /// Return an exact number.
    pub(crate) fn decimal(&self, option: &'static str) -> Result<Option<Decimal>, OpError> {
        let read = match self.value(option) {
            None => return Ok(None),
            Some(Value::Number(text)) => Decimal::from_json(text).ok(),
            Some(_) => None,
        };
        read.map(Some).ok_or_else(|| self.bad(option, "a number of at most 38 digits"))
    }

    /// Return one of the words in `choices`.
    pub(crate) fn choice<T: Copy>(&self, option: &'static str, choices: &[(&str, T)]) -> Result<Option<T>, OpError> {
        let Some(value) = self.value(option) else { return Ok(None) };
        if let Value::String(text) = value
            && let Some((_, meaning)) = choices.iter().find(|(word, _)| *word == &**text)
        {
            return Ok(Some(*meaning));
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        Err(self.bad(option, format!("one of {}", words.join(", "))))
    }

    /// Return a list of texts that is not empty.
    pub(crate) fn texts(&self, option: &'static str) -> Result<Option<Vec<Box<str>>>, OpError> {
        let Some(value) = self.value(option) else { return Ok(None) };
        let read = || -> Option<Vec<Box<str>>> {
            let elements = value.as_array().filter(|elements| !elements.is_empty())?;
            elements
                .iter()
                .map(|node| match &node.value {
                    Value::String(text) => Some(Box::from(&**text)),
                    _ => None,
                })
                .collect()
        };
        read().map(Some).ok_or_else(|| self.bad(option, "a list of texts, not empty"))
    }

    /// Return a list of scalars that is not empty.
    pub(crate) fn scalars(&self, option: &'static str) -> Result<Option<Vec<&'o Value<'o>>>, OpError> {
        let Some(value) = self.value(option) else { return Ok(None) };
        let elements = value.as_array().filter(|elements| (1..=LIST_ITEMS_MAX).contains(&elements.len()));
        let scalar = |value: &&Value<'_>| !matches!(value, Value::Null | Value::Array(_) | Value::Object(_));
        let scalars: Option<Vec<_>> = elements.map(|elements| elements.iter().map(|node| &node.value).collect());
        match scalars.filter(|scalars| scalars.iter().all(scalar)) {
            Some(scalars) => Ok(Some(scalars)),
            None => Err(self.bad(option, format!("a list of 1 to {LIST_ITEMS_MAX} texts, numbers or booleans"))),
        }
    }

    /// Return a required list of scalars as a set.
    pub(crate) fn scalar_set(&self, option: &'static str) -> Result<ScalarSet, OpError> {
        let scalars = self.required(option, self.scalars(option)?)?;
        ScalarSet::of(scalars).ok_or_else(|| self.bad(option, "a list whose numbers have at most 38 digits"))
    }

    /// Return `scale` and `rounding`, by which a number is rounded.
    pub(crate) fn cut(&self, scale_max: u32) -> Result<Option<(u32, Rounding)>, OpError> {
        let scale = self.count("scale", 0, scale_max)?;
        let rounding = self.rounding()?;
        match (scale, rounding) {
            (None, Some(_)) => Err(self.missing("scale")),
            (None, None) => Ok(None),
            (Some(scale), rounding) => Ok(Some((scale, rounding.unwrap_or(Rounding::HalfEven)))),
        }
    }

    pub(crate) fn rounding(&self) -> Result<Option<Rounding>, OpError> {
        self.choice(
            "rounding",
            &[
                ("halfEven", Rounding::HalfEven),
                ("halfUp", Rounding::HalfUp),
                ("halfDown", Rounding::HalfDown),
                ("down", Rounding::Down),
                ("up", Rounding::Up),
                ("floor", Rounding::Floor),
                ("ceiling", Rounding::Ceiling),
            ],
        )
    }

    /// Resolve `secretRef: {name, key}`.
    pub(crate) fn secret(&self) -> Result<Secret, OpError> {
        /// A key shorter than HMAC's security level can be found by search (RFC 2104 §3 advises the hash's length; 16
        /// bytes is the least that can't be).
        const KEY_BYTES_MIN: usize = 16;
        let option = "secretRef";
        let reference = self.required(option, self.value(option))?;
        let reference = Self::secret_ref(reference).ok_or_else(|| self.bad(option, "{name: text, key: text}"))?;
        let secret = self.secrets.resolve(&reference).ok_or_else(|| self.bad(option, "a secret that exists"))?;
        if secret.bytes().len() < KEY_BYTES_MIN {
            return Err(self.bad(option, format!("a secret of at least {KEY_BYTES_MIN} bytes")));
        }
        Ok(secret)
    }

    fn secret_ref(value: &Value<'_>) -> Option<SecretRef> {
        let object = value.as_object().filter(|object| object.len() == 2)?;
        let text = |key| object.get(key).and_then(|node| node.value.as_str()).map(Box::from);
        Some(SecretRef { name: text("name")?, key: text("key")? })
    }
}
