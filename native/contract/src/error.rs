//! Why a schema is no contract. The place is a JSON Pointer into the schema, so that its author finds it.

/// What keeps a schema from being compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    /// The schema breaks its meta-schema.
    #[error("schema {resource}#{pointer} is not valid: it breaks {rule}")]
    InvalidSchema {
        /// The schema's URI; empty for a schema without one.
        resource: String,
        /// JSON Pointer to the part that is wrong.
        pointer: String,
        /// JSON Pointer, within the meta-schema, to the keyword that says so.
        rule: String,
    },
    /// A reference leads to nothing that was given.
    #[error("the reference {reference:?} at {resource}#{pointer} leads to nothing")]
    UnresolvableReference {
        /// The schema's URI.
        resource: String,
        /// JSON Pointer to the schema that has the reference.
        pointer: String,
        /// The reference as it stood.
        reference: String,
    },
    /// References lead back to where they started without going into the instance.
    #[error("the reference at {resource}#{pointer} leads back to itself")]
    CircularReference {
        /// The schema's URI.
        resource: String,
        /// JSON Pointer to a schema on the circle.
        pointer: String,
    },
    /// A pattern is not a regular expression of ECMA-262, or can't be matched in linear time.
    #[error("the pattern at {resource}#{pointer} cannot be used: {problem}")]
    UnusablePattern {
        /// The schema's URI.
        resource: String,
        /// JSON Pointer to the pattern.
        pointer: String,
        /// What is wrong with it.
        problem: PatternProblem,
    },
    /// `$schema` names a dialect that this engine doesn't implement.
    #[error("the dialect {dialect:?} is not JSON Schema 2020-12 nor one that was given")]
    UnknownDialect {
        /// The value of `$schema`.
        dialect: String,
    },
    /// The meta-schema requires a vocabulary that this engine doesn't implement.
    #[error("the vocabulary {vocabulary:?} is required and not known")]
    UnknownVocabulary {
        /// Its URI.
        vocabulary: String,
    },
    /// `$id`, `$anchor` or a resource's name is no usable URI, or two schemas have the same.
    #[error("the identifier {identifier:?} at {resource}#{pointer} is not usable or not unique")]
    InvalidIdentifier {
        /// The schema's URI.
        resource: String,
        /// JSON Pointer to the schema that has it.
        pointer: String,
        /// The identifier as it stood.
        identifier: String,
    },
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PatternProblem {
    /// ECMA-262 (with the `u` flag) doesn't know it.
    #[error("not a regular expression of ECMA-262, at character {position}")]
    Syntax {
        /// Place in the pattern, in characters.
        position: usize,
    },
    /// Lookahead and lookbehind can't be matched in linear time here.
    #[error("lookahead and lookbehind are not supported")]
    Lookaround,
    /// Backreferences can't be matched in linear time.
    #[error("backreferences are not supported")]
    Backreference,
    /// `\B` between the bytes of one character can't be told from a real one.
    #[error("\\B is not supported")]
    NotWordBoundary,
    /// The compiled pattern would take more memory than the limit.
    #[error("the compiled pattern is too large")]
    TooLarge,
}
