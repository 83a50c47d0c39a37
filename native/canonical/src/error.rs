//! Why a value has no canonical bytes.

use chartly_json::{NumberError, ParseError};

/// Why a document or value can't be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// The bytes are not a JSON text.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// An object repeats a key, which I-JSON, and so RFC 8785, forbids.
    #[error("an object repeats a key at byte {offset}")]
    DuplicateKey {
        /// Offset of the second occurrence.
        offset: usize,
    },
    /// A number can't be written as the double that RFC 8785 requires.
    #[error("at byte {offset}: {error}")]
    Number {
        /// Offset of the number in the bytes that were parsed; 0 for computed values.
        offset: usize,
        /// What is wrong with it.
        #[source]
        error: NumberError,
    },
}
