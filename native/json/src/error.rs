//! Why bytes are not a record. An error names the rule and the place, never the text.

use std::fmt;

/// The first error of an input, in the order of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The bytes are not I-JSON.
    #[error("malformed JSON at byte {offset}: {rule}")]
    Malformed {
        /// Offset of the byte that breaks the rule, or of the input's end.
        offset: usize,
        /// The broken rule.
        rule: Rule,
    },
    /// A container opens beyond the depth limit.
    #[error("nested deeper than {depth_max} at byte {offset}")]
    DepthExceeded {
        /// Offset of the bracket that opens the container.
        offset: usize,
        /// The limit.
        depth_max: usize,
    },
    /// The input is longer than the limit; nothing of it was read.
    #[error("{bytes} bytes, over the limit of {bytes_max}")]
    TooLarge {
        /// Length of the input.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
}

/// The rules of RFC 8259 and RFC 7493 that an input can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Text is UTF-8, without encoded surrogates or overlong forms.
    Utf8,
    /// No byte order mark comes before the text.
    ByteOrderMark,
    /// A value is complete before the input ends.
    UnexpectedEnd,
    /// Only what the grammar allows may come next.
    UnexpectedCharacter,
    /// Only white space follows the value.
    TrailingText,
    /// Characters below U+0020 are escaped in strings.
    ControlCharacter,
    /// A backslash starts one of the nine escapes.
    InvalidEscape,
    /// An escaped surrogate is part of a pair.
    LoneSurrogate,
    /// A number has the grammar of RFC 8259 §6.
    InvalidNumber,
    /// An object that is read has each key only once.
    DuplicateKey,
    /// A record is an object.
    NotAnObject,
}

impl Rule {
    /// Return the rule's stable name, as it is written in quarantine reasons.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::ByteOrderMark => "byte-order-mark",
            Self::UnexpectedEnd => "unexpected-end",
            Self::UnexpectedCharacter => "unexpected-character",
            Self::TrailingText => "trailing-text",
            Self::ControlCharacter => "control-character",
            Self::InvalidEscape => "invalid-escape",
            Self::LoneSurrogate => "lone-surrogate",
            Self::InvalidNumber => "invalid-number",
            Self::DuplicateKey => "duplicate-key",
            Self::NotAnObject => "not-an-object",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl ParseError {
    pub(crate) fn malformed(offset: usize, rule: Rule) -> Self {
        Self::Malformed { offset, rule }
    }
}
