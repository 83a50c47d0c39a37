//! Whether a query reads an object that repeats a key: such a record is malformed, whatever the key's values are.

use chartly_json::{Node, Span, Value};
use chartly_path::{Effort, EffortExceeded, Query, Step};

use crate::fused::ScanPath;

/// Return whether a query reads an object that repeats a key. With `is_record`, the root's own keys are not checked
/// again for each query.
pub(crate) fn read_by(
    query: &Query,
    root: &Node<'_>,
    is_record: bool,
    effort: &Effort,
) -> Result<bool, EffortExceeded> {
    let Some(steps) = query.as_singular() else {
        return Ok(query.first_duplicate_read_within(root, effort)?.is_some());
    };
    let mut node = root;
    for (depth, step) in steps.iter().enumerate() {
        let next = match (step, &node.value) {
            (Step::Name(name), Value::Object(object)) => {
                if !(is_record && depth == 0) && object.first_duplicate().is_some() {
                    return Ok(true);
                }
                object.get(name)
            }
            (Step::Index(index), Value::Array(elements)) => {
                let from_end =
                    usize::try_from(index.unsigned_abs()).ok().and_then(|back| elements.len().checked_sub(back));
                let place = usize::try_from(*index).ok().or(from_end);
                place.and_then(|place| elements.get(place))
            }
            _ => None,
        };
        let Some(next) = next else { return Ok(false) };
        node = next;
    }
    Ok(node.first_duplicate_deep().is_some())
}

/// Return whether an object on the path to the selected nodes repeats a key. The selected nodes themselves are not
/// checked: only the fields' queries know what is read of records and children.
pub(crate) fn above_selected(query: &Query, root: &Node<'_>, effort: &Effort) -> Result<bool, EffortExceeded> {
    if let Some(path) = ScanPath::of(query) {
        return Ok(repeats_on_path(&path, root));
    }
    let selected: Vec<Span> = query.select_within(root, effort)?.iter().map(|node| node.span).collect();
    Ok(query.first_duplicate_read_within(root, effort)?.is_some_and(|duplicate| {
        let is_within = |span: &Span| span.start <= duplicate.key_span.start && duplicate.key_span.end <= span.end;
        !selected.iter().any(is_within)
    }))
}

fn repeats_on_path(path: &ScanPath, root: &Node<'_>) -> bool {
    let repeats = |node: &Node<'_>| node.value.as_object().is_some_and(|object| object.first_duplicate().is_some());
    let mut node = root;
    for step in &path.steps {
        let next = match (step, &node.value) {
            (Step::Name(name), Value::Object(object)) => {
                if repeats(node) {
                    return true;
                }
                object.get(name)
            }
            (Step::Index(index), Value::Array(elements)) => {
                usize::try_from(*index).ok().and_then(|index| elements.get(index))
            }
            _ => None,
        };
        let Some(next) = next else { return false };
        node = next;
    }
    path.takes_children && repeats(node)
}
