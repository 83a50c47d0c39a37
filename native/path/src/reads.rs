//! Which objects a query reads, and the first repeated key among them.

use std::collections::HashSet;
use std::ptr;

use chartly_json::{Duplicate, Node, Object};

use crate::ast::Segment;
use crate::evaluate::{self, Watch};
use crate::{Effort, EffortExceeded};

/// Finds the first repeated key in document order. It remembers visited objects, as filters read the same objects many
/// times.
#[derive(Default)]
struct Earliest {
    found: Option<Duplicate>,
    objects_seen: HashSet<usize>,
    values_seen: HashSet<usize>,
}

impl Earliest {
    fn offer(&mut self, candidate: Option<Duplicate>) {
        let Some(candidate) = candidate else { return };
        if self.found.is_none_or(|found| candidate.key_span.start < found.key_span.start) {
            self.found = Some(candidate);
        }
    }
}

impl Watch for Earliest {
    fn object(&mut self, object: &Object<'_>) {
        if self.objects_seen.insert(ptr::from_ref(object).addr()) {
            self.offer(object.first_duplicate());
        }
    }

    fn whole(&mut self, node: &Node<'_>) {
        if self.values_seen.insert(ptr::from_ref(node).addr()) {
            self.offer(node.first_duplicate_deep());
        }
    }
}

pub(crate) fn first_duplicate(
    segments: &[Segment],
    root: &Node<'_>,
    effort: &Effort,
) -> Result<Option<Duplicate>, EffortExceeded> {
    let mut earliest = Earliest::default();
    if let Some(object) = root.value.as_object() {
        earliest.object(object);
    }
    for node in evaluate::select(segments, root, effort, &mut earliest)? {
        earliest.whole(node);
    }
    Ok(earliest.found)
}

#[cfg(test)]
mod tests {
    use crate::Query;
    use chartly_json::{Limits, parse};

    fn reads_duplicate(query: &str, record: &str) -> bool {
        let query = Query::parse(query).expect("a query");
        let root = parse(record.as_bytes(), Limits::default()).expect("JSON");
        query.first_duplicate_read(&root).is_some()
    }

    /// The root is always read.
    #[test]
    fn reads_the_root() {
        assert!(reads_duplicate("$[0]", r#"{"a": 1, "a": 2}"#));
    }

    /// An object to which only an index or a slice is applied is not read; one to which a name is applied is.
    #[test]
    fn an_index_does_not_read_an_object() {
        let record = r#"{"o": {"x": 1, "x": 2}}"#;
        assert!(!reads_duplicate("$.o[0]", record));
        assert!(!reads_duplicate("$.o[0:2]", record));
        assert!(reads_duplicate("$.o.missing", record));
        assert!(reads_duplicate("$.o[*]", record));
        assert!(reads_duplicate("$.o[?@.y]", record));
    }

    /// Everything inside a selected value is read, and nothing beside it.
    #[test]
    fn reads_selected_values_whole() {
        let record = r#"{"a": {"b": [{"x": 1, "x": 2}]}, "c": {"y": 1, "y": 2}}"#;
        assert!(reads_duplicate("$.a", record));
        assert!(reads_duplicate("$.a.b[0]", record));
        assert!(!reads_duplicate("$.a.n", record));
    }

    /// A filter's own queries read the nodes that they compare, but not nodes that they only test for existence.
    #[test]
    fn reads_what_a_filter_compares() {
        let record = r#"{"list": [1], "o": {"p": {"x": 1, "x": 2}}}"#;
        assert!(reads_duplicate("$.list[?$.o.p == $.o.p]", record));
        assert!(reads_duplicate("$.list[?length($.o.p) == 1]", record));
        assert!(!reads_duplicate("$.list[?$.o.p == 1]", record));
        assert!(!reads_duplicate("$.list[?$.o.p]", record));
    }
}
