//! Find the records of one JSON text. It runs no record; see [`crate::Worker::run_elements`].

use std::borrow::Cow;

use chartly_json::{Limits, Node, ParseError, Span, Value, parse, parse_check_within};
use chartly_path::{Effort, Query};

use crate::duplicate_keys;
use crate::fused::{PageReader, Pass};
use crate::output::Rejected;
use crate::place::Place;
use crate::plan::Plan;
use crate::profile::InputKind;
use crate::reason::Reason;

/// How records are separated in an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// One record a line: [`crate::Worker::run_lines`] on blocks of whole lines.
    Lines,
    /// One JSON text: [`Plan::open_page`] on all of it.
    Page,
}

/// A page that was opened, or a part of one: its bytes, and the places of its records.
#[derive(Debug)]
pub struct Page<'b> {
    pub(crate) bytes: Cow<'b, [u8]>,
    pub(crate) elements: Vec<Span>,
    /// The places of a part's records in their page. Empty for a whole page, whose records are where their bytes are.
    pub(crate) offsets: Vec<u64>,
    /// The number of records before these.
    pub(crate) records_before: u64,
    /// Input bytes that are counted with the first record.
    pub(crate) counted_bytes: u64,
}

impl<'b> Page<'b> {
    /// Return the place of a record in the page.
    pub(crate) fn place(&self, index: usize) -> Place {
        let span = self.elements[index];
        let offset = self.offsets.get(index).copied().unwrap_or(u64::from(span.start));
        Place { line: self.records_before + index as u64 + 1, offset, length: span.len() as u64 }
    }

    fn whole(bytes: &'b [u8], elements: Vec<Span>) -> Self {
        let counted_bytes = bytes.len() as u64;
        Self { bytes: bytes.into(), elements, offsets: Vec::new(), records_before: 0, counted_bytes }
    }
}

impl Default for Page<'_> {
    fn default() -> Self {
        Self::whole(&[], Vec::new())
    }
}

impl Page<'_> {
    /// Return the number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Return whether the page has no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }
}

/// A page that is read in one pass: no part of it is known before it is read, and none is kept.
#[derive(Debug)]
pub struct PagePass<'r> {
    pub(crate) pass: Pass<'r>,
    pub(crate) records: u64,
}

impl PagePass<'_> {
    /// Return the read error, if that is why the pass gave up.
    pub fn take_failure(&mut self) -> Option<std::io::Error> {
        self.pass.window.take_failure()
    }

    /// Take the next records out of the page, about `bytes_wanted` of it, for any worker to run. `part` is overwritten.
    pub fn take_part(&mut self, bytes_wanted: usize, part: &mut Page<'static>) -> PassState {
        part.bytes.to_mut().clear();
        part.elements.clear();
        part.offsets.clear();
        (part.records_before, part.counted_bytes) = (self.records, 0);
        loop {
            match self.pass.at_record() {
                Ok(true) => {}
                Ok(false) => {
                    part.counted_bytes = self.bytes_read();
                    return PassState::Ended;
                }
                Err(_) => return PassState::GaveUp,
            }
            let Ok(record) = self.pass.window.skip() else { return PassState::GaveUp };
            self.records += 1;
            let bytes = part.bytes.to_mut();
            let start = bytes.len();
            bytes.extend_from_slice(self.pass.window.text(record.clone()));
            part.elements.push(Span::new(start, bytes.len()));
            part.offsets.push(record.start);
            // Elements are separated as in a page.
            bytes.push(b',');
            if record.end - part.offsets[0] >= bytes_wanted as u64 {
                return PassState::More;
            }
        }
    }

    /// Return the bytes of the page that were read: all of them at its end.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.pass.window.bytes_read()
    }
}

/// The state of a pass over a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassState {
    /// There may be more records.
    More,
    /// The page ended, and all of it is strict JSON.
    Ended,
    /// The pass gave up. All its results are to be dropped, and [`Plan::open_page`] decides about the page.
    GaveUp,
}

impl Plan {
    /// Start a pass over a page for [`crate::Worker::run_pass`]; `None` when the path to the records has no form for
    /// one pass, or the page could not be read up to them.
    ///
    /// A pass costs half as much as opening the page first and keeps only a window of it in memory. The caller must be
    /// able to undo its results, as the page's end may show that it is malformed.
    #[must_use]
    pub fn page_pass<'r>(&self, page: PageReader<'r>) -> Option<PagePass<'r>> {
        let pass = Pass::open(self.records_scan_path.as_ref()?, self.instructions.scan, page).ok()?;
        Some(PagePass { pass, records: 0 })
    }

    /// Return how records are separated in an input that starts with `head`; `None` when more of it is needed.
    ///
    /// `spec.input` decides, else `recordsPath` (a page). Without both, the first byte that is not white space does:
    /// `[` starts an array of records. `{` starts NDJSON, unless the first line is incomplete and the input continues
    /// as one JSON object, as pretty-printed JSON does.
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

    /// Open a page. Its records are the nodes that `recordsPath` selects; where it can select only one node and that is
    /// an array, they are its elements. Without a path they are the elements of an array, or the one object.
    ///
    /// # Errors
    /// The page itself as one rejected record, with its one reason, when it is not strict JSON, when an object on the
    /// path to its records repeats a key, or when that path leads to no array. It is boxed because errors are rare.
    pub fn open_page<'b>(&self, bytes: &'b [u8]) -> Result<Page<'b>, Box<Rejected>> {
        let path = self.records_scan_path.as_ref();
        if let Some(elements) = path.and_then(|path| path.records(self.instructions.scan, bytes)) {
            return Ok(Page::whole(bytes, elements));
        }
        let place = Place { line: 1, offset: 0, length: bytes.len() as u64 };
        // Most pages that a pass gives up on are malformed. Those are found without a tree, which is many times as
        // large as its text.
        let checked = path.map_or(Ok(()), |_| parse_check_within(bytes, Limits::WIDEST));
        let checked = checked.map_err(|error| Reason::of_parse(&error));
        checked
            .and_then(|()| self.open_tree(bytes))
            .map_err(|reason| Box::new(Rejected { place, reasons: vec![reason] }))
    }

    fn open_tree<'b>(&self, bytes: &'b [u8]) -> Result<Page<'b>, Reason> {
        let root = parse(bytes, Limits::WIDEST).map_err(|error| Reason::of_parse(&error))?;
        let mut elements = Vec::new();
        let nodes = match &self.records_path {
            None => vec![&root],
            Some(query) => self.records(&root, query, &self.effort(bytes.len()))?,
        };
        let is_one = self.records_path.as_ref().is_none_or(|query| query.as_singular().is_some());
        for node in nodes {
            match &node.value {
                Value::Array(records) if is_one => elements.extend(records.iter().map(|record| record.span)),
                _ => elements.push(node.span),
            }
        }
        Ok(Page::whole(bytes, elements))
    }

    /// Return the nodes that `recordsPath` selects.
    fn records<'d, 'a>(&self, root: &'d Node<'a>, query: &Query, effort: &Effort) -> Result<Vec<&'d Node<'a>>, Reason> {
        let exceeded = |_| Reason::query_exceeded("recordsPath", query);
        if duplicate_keys::above_selected(query, root, effort).map_err(exceeded)? {
            return Err(Reason::malformed("duplicate-key"));
        }
        self.selected("recordsPath", query, root, effort)
    }
}

/// Return whether the text is the start of a JSON text that continues after it.
fn breaks_off(text: &[u8], limits: Limits) -> bool {
    matches!(parse(text, limits), Err(ParseError::Malformed { rule: chartly_json::Rule::UnexpectedEnd, .. }))
}
