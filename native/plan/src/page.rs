//! One JSON text that holds many records: where they lie. It runs no record; see [`crate::Worker::run_elements`].

use chartly_json::{Limits, Node, ParseError, Span, Value, parse};

use crate::output::Rejected;
use crate::place::Place;
use crate::plan::Plan;
use crate::profile::InputKind;

/// How records stand in an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// One a line: [`crate::Worker::run_lines`] on blocks of whole lines.
    Lines,
    /// One JSON text: [`Plan::open_page`] on all of it.
    Page,
}

/// A page, opened: strict JSON, and where its records lie.
#[derive(Debug)]
pub struct Page<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) elements: Vec<Span>,
}

impl Page<'_> {
    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether the page has no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }
}

impl Plan {
    /// Tells how records stand in an input that begins with `head`; `None` when more of it is needed.
    ///
    /// `spec.input` decides, else `recordsPath` (a page). Without both, the first byte that is not white space does: `[` is
    /// an array of records; `{` is NDJSON, unless the first line breaks off and the input goes on as one JSON object, as
    /// pretty-printed JSON does.
    #[must_use]
    pub fn framing(&self, head: &[u8], at_end: bool) -> Option<Framing> {
        match self.input {
            InputKind::Ndjson => return Some(Framing::Lines),
            InputKind::Json => return Some(Framing::Page),
            InputKind::Auto if self.records_path.is_some() => return Some(Framing::Page),
            InputKind::Auto => {}
        }
        let Some(first) = head.iter().position(|byte| !byte.is_ascii_whitespace()) else {
            return at_end.then_some(Framing::Lines);
        };
        match head[first] {
            b'[' => Some(Framing::Page),
            b'{' => self.framing_of_object(&head[first..], at_end),
            _ => Some(Framing::Lines),
        }
    }

    fn framing_of_object(&self, head: &[u8], at_end: bool) -> Option<Framing> {
        let line_end = head.iter().position(|byte| *byte == b'\n');
        let limits = Limits { bytes_max: u32::MAX as usize, ..self.limits };
        let Some(line_end) = line_end else {
            let is_long = head.len() > self.limits.bytes_max;
            return (at_end || is_long).then_some(Framing::Lines);
        };
        if !breaks_off(&head[..line_end], limits) {
            return Some(Framing::Lines);
        }
        match parse(head, limits) {
            Ok(_) if at_end => Some(Framing::Page),
            Ok(_) => None,
            Err(_) if !at_end && head.len() <= self.limits.bytes_max && breaks_off(head, limits) => None,
            Err(_) => Some(Framing::Lines),
        }
    }

    /// Opens a page. Its records are what `recordsPath` selects, where an array stands for its elements; without a path, the
    /// elements of an array, or the one object.
    ///
    /// # Errors
    /// The page itself as a rejected record, with its one reason, when it is not strict JSON or repeats a key on the way to
    /// its records: nothing in it can be trusted then. Boxed, as the rare way out.
    pub fn open_page<'b>(&self, bytes: &'b [u8]) -> Result<Page<'b>, Box<Rejected>> {
        let reject = |reason| Box::new(Rejected { place: Place { line: 1, offset: 0, length: bytes.len() as u64 }, reasons: vec![reason] });
        let root = parse(bytes, Limits::WIDEST).map_err(|error| reject(crate::complete::parse_reason(&error)))?;
        let mut elements = Vec::new();
        match &self.records_path {
            None => push_records(&root, &mut elements),
            Some(query) => {
                let nodes = query.select(&root);
                for node in nodes {
                    push_records(node, &mut elements);
                }
            }
        }
        Ok(Page { bytes, elements })
    }
}

/// Whether the text is JSON so far, and ends before its value does.
fn breaks_off(text: &[u8], limits: Limits) -> bool {
    matches!(
        parse(text, limits),
        Err(ParseError::Malformed { rule: chartly_json::Rule::UnexpectedEnd, .. })
    )
}

fn push_records(node: &Node<'_>, elements: &mut Vec<Span>) {
    match &node.value {
        Value::Array(records) => elements.extend(records.iter().map(|record| record.span)),
        _ => elements.push(node.span),
    }
}
