//! The meta-schema of 2020-12 and its vocabularies, as json-schema.org publishes them.

use std::sync::OnceLock;

use chartly_json::{Limits, Node, parse};

/// The dialect of contracts.
pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

const SOURCES: [(&str, &str); 9] = [
    (DIALECT, include_str!("schema.json")),
    ("https://json-schema.org/draft/2020-12/meta/applicator", include_str!("meta/applicator.json")),
    ("https://json-schema.org/draft/2020-12/meta/content", include_str!("meta/content.json")),
    ("https://json-schema.org/draft/2020-12/meta/core", include_str!("meta/core.json")),
    ("https://json-schema.org/draft/2020-12/meta/format-annotation", include_str!("meta/format-annotation.json")),
    ("https://json-schema.org/draft/2020-12/meta/format-assertion", include_str!("meta/format-assertion.json")),
    ("https://json-schema.org/draft/2020-12/meta/meta-data", include_str!("meta/meta-data.json")),
    ("https://json-schema.org/draft/2020-12/meta/unevaluated", include_str!("meta/unevaluated.json")),
    ("https://json-schema.org/draft/2020-12/meta/validation", include_str!("meta/validation.json")),
];

/// Return the documents by their URIs.
pub(crate) fn documents() -> &'static [(&'static str, Node<'static>)] {
    static DOCUMENTS: OnceLock<Vec<(&'static str, Node<'static>)>> = OnceLock::new();
    DOCUMENTS.get_or_init(|| {
        let parsed = |(uri, source): (&'static str, &'static str)| {
            // A unit test parses every source, so none is left out here.
            parse(source.as_bytes(), Limits::WIDEST).ok().map(|node| (uri, node))
        };
        SOURCES.into_iter().filter_map(parsed).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every published document is JSON, and its `$id` is the URI under which it is listed.
    #[test]
    fn documents_are_what_they_say() {
        assert_eq!(documents().len(), SOURCES.len());
        for (uri, node) in documents() {
            let id = node.value.as_object().and_then(|object| object.get("$id")).and_then(|id| id.value.as_str());
            assert_eq!(id, Some(*uri));
        }
    }
}
