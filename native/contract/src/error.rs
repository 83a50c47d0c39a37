//! Why a schema could not be compiled. The place is a JSON Pointer into the schema, for its author.

/// Why a schema could not be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    /// The schema violates its meta-schema.
    #[error("schema {resource}#{pointer} is not valid: it violates {rule}")]
    InvalidSchema {
        /// The schema's URI; empty for a schema without one.
        resource: String,
        /// JSON Pointer to the part that is wrong.
        pointer: String,
        /// JSON Pointer, within the meta-schema, to the violated keyword.
        rule: String,
    },
    /// A reference leads to no given schema.
    #[error("the reference {reference:?} at {resource}#{pointer} leads to no given schema")]
    UnresolvableReference {
        /// The schema's URI.
        resource: String,
        /// JSON Pointer to the schema that has the reference.
        pointer: String,
        /// The reference as it is written.
        reference: String,
    },
    /// References lead back to their start without going into the instance.
    #[error("the reference at {resource}#{pointer} leads back to itself")]
    CircularReference {
        /// The schema's URI.
        resource: String,
        /// JSON Pointer to one of these schemas.
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
    #[error("the dialect {dialect:?} is neither JSON Schema 2020-12 nor among the given schemas")]
    UnknownDialect {
        /// The value of `$schema`.
        dialect: String,
    },
    /// The meta-schema requires a vocabulary that this engine doesn't implement.
    #[error("the required vocabulary {vocabulary:?} is not supported")]
    UnknownVocabulary {
        /// Its URI.
        vocabulary: String,
    },
    /// `$id`, `$anchor` or a resource's name is not a usable URI, or two schemas have the same one.
    #[error("the identifier {identifier:?} at {resource}#{pointer} is not usable or not unique")]
    InvalidIdentifier {
        /// The schema's URI.
        resource: String,
        /// JSON Pointer to the schema that has it.
        pointer: String,
        /// The identifier as it is written.
        identifier: String,
    },
}

/// What is wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PatternProblem {
    /// Not in the grammar of ECMA-262 with the `u` flag.
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
    /// The matcher would also find `\B` between the bytes of one character.
    #[error("\\B is not supported")]
    NotWordBoundary,
    /// The compiled pattern would take more memory than the limit.
    #[error("the compiled pattern is too large")]
    TooLarge,
}
