//! The vocabularies that a schema is written in, by its `$schema`.

use chartly_json::{Object, Value};

use crate::ContractError;
use crate::metaschema::DIALECT;
use crate::registry::{Registry, uri};

/// The common start of the URIs of 2020-12's vocabularies.
const VOCABULARY_BASE: &str = "https://json-schema.org/draft/2020-12/vocab/";

/// The vocabularies that change what is asserted. Core, and the vocabularies of annotations, are always on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vocabulary {
    Core,
    Applicator,
    Unevaluated,
    Validation,
    Format,
}

/// The vocabularies that apply to one document.
#[allow(clippy::struct_excessive_bools)] // one for each vocabulary, on or off
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) applicator: bool,
    pub(crate) unevaluated: bool,
    pub(crate) validation: bool,
    /// Whether `format` is asserted.
    pub(crate) format: bool,
}

impl Dialect {
    pub(crate) fn has(self, vocabulary: Vocabulary) -> bool {
        match vocabulary {
            Vocabulary::Core => true,
            Vocabulary::Applicator => self.applicator,
            Vocabulary::Unevaluated => self.unevaluated,
            Vocabulary::Validation => self.validation,
            Vocabulary::Format => self.format,
        }
    }

    /// Return the dialect of a document, and the URI of its meta-schema unless it is 2020-12's own.
    pub(crate) fn of(
        document: &Value<'_>,
        registry: &mut Registry<'_>,
        assert_formats: bool,
    ) -> Result<(Self, Option<String>), ContractError> {
        let standard = Self { applicator: true, unevaluated: true, validation: true, format: assert_formats };
        let declared =
            document.as_object().and_then(|object| object.get("$schema")).and_then(|node| node.value.as_str());
        let Some(declared) = declared else { return Ok((standard, None)) };
        let absolute = uri::split(declared).0;
        if absolute == DIALECT {
            return Ok((standard, None));
        }
        let unknown = || ContractError::UnknownDialect { dialect: declared.to_owned() };
        let id = registry.find(absolute)?.ok_or_else(unknown)?;
        let metaschema = registry.resource(id).root.value.as_object().ok_or_else(unknown)?;
        match metaschema.get("$vocabulary").map(|node| &node.value) {
            Some(Value::Object(vocabularies)) => {
                Ok((Self::declared(vocabularies, assert_formats)?, Some(absolute.to_owned())))
            }
            // A meta-schema without `$vocabulary` uses the vocabularies of its own dialect.
            _ if speaks_standard(metaschema) => Ok((standard, Some(absolute.to_owned()))),
            _ => Err(unknown()),
        }
    }

    fn declared(vocabularies: &Object<'_>, assert_formats: bool) -> Result<Self, ContractError> {
        let mut dialect = Self { applicator: false, unevaluated: false, validation: false, format: assert_formats };
        for member in vocabularies.members() {
            let required = matches!(member.node.value, Value::Bool(true));
            match member.key.strip_prefix(VOCABULARY_BASE) {
                Some("applicator") => dialect.applicator = true,
                Some("unevaluated") => dialect.unevaluated = true,
                Some("validation") => dialect.validation = true,
                Some("format-assertion") => dialect.format = true,
                Some("core" | "meta-data" | "format-annotation" | "content") => {}
                _ if required => {
                    return Err(ContractError::UnknownVocabulary { vocabulary: member.key.clone().into_owned() });
                }
                _ => {}
            }
        }
        Ok(dialect)
    }
}

fn speaks_standard(metaschema: &Object<'_>) -> bool {
    let declared = metaschema.get("$schema").and_then(|node| node.value.as_str());
    declared.is_none_or(|declared| uri::split(declared).0 == DIALECT)
}
