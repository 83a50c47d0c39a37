//! Keys for `hmac` and `tokenize`: named by a profile, resolved when it is compiled, never written down.
//!
//! It doesn't know where secrets are kept; the caller brings a [`Secrets`].

use std::fmt;

/// What a profile's `secretRef: {name, key}` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef {
    /// The secret's name.
    pub name: Box<str>,
    /// The entry within it.
    pub key: Box<str>,
}

/// A key's bytes; they show in no log.
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

/// Where keys come from.
pub trait Secrets {
    /// Give the key that a reference names, or nothing when there is none.
    fn resolve(&self, reference: &SecretRef) -> Option<Secret>;
}

/// Secrets of a caller that has none: a profile that names one doesn't compile.
#[derive(Debug, Clone, Copy)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    fn resolve(&self, _: &SecretRef) -> Option<Secret> {
        None
    }
}
