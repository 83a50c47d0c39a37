//! Keys for `hmac` and `tokenize`: named by a profile, resolved when it is compiled, never stored.
//!
//! The caller provides a [`Secrets`]; this module doesn't know where secrets are kept.

use std::fmt;

/// The target of a profile's `secretRef: {name, key}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef {
    /// The secret's name.
    pub name: Box<str>,
    /// The entry within it.
    pub key: Box<str>,
}

/// A key's bytes, which no log shows.
#[derive(Clone)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Wrap a key.
    #[must_use]
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

/// The source of keys.
pub trait Secrets {
    /// Return the key of a reference; `None` when there is none.
    fn resolve(&self, reference: &SecretRef) -> Option<Secret>;
}

/// A source without secrets: a profile that names one doesn't compile.
#[derive(Debug, Clone, Copy)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn resolve(&self, _: &SecretRef) -> Option<Secret> {
        None
    }
}
