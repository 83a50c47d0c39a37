//! One JSON text that holds many records: where they lie. It runs no record; see [`crate::Worker::run_elements`].

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

/// How records stand in an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// One a line: [`crate::Worker::run_lines`] on blocks of whole lines.
    Lines,
    /// One JSON text: [`Plan::open_page`] on all of it.
    Page,
}

/// A page, opened: strict JSON, and where its records lie. Or a part of one.
#[derive(Debug)]
pub struct Page<'b> {
    pub(crate) bytes: Cow<'b, [u8]>,
    pub(crate) elements: Vec<Span>,
    /// Where the records of a part lie in its page; those of a whole page lie where their bytes do.
    pub(crate) offsets: Vec<u64>,
    /// Records before these.
    pub(crate) records_before: u64,
    /// Bytes that are counted with the first record.
    pub(crate) counted_bytes: u64,
}

impl<'b> Page<'b> {
    /// Where a record lies in the page.
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

/// A page on its way through a worker, in one pass, with nothing known of what is to come and nothing held of what was.
#[derive(Debug)]
pub struct PagePass<'r> {
    pub(crate) pass: Pass<'r>,
    pub(crate) records: u64,
}

impl PagePass<'_> {
    /// Why the page could not be read on, when that is why the pass is unsure.
    pub fn take_failure(&mut self) -> Option<std::io::Error> {
        self.pass.tape.take_failure()
    }

    /// Takes the next records out of the page, some `bytes_wanted` of it, for any worker to run; `part` held earlier ones.
    pub fn take_part(&mut self, bytes_wanted: usize, part: &mut Page<'static>) -> Passed {
        part.bytes.to_mut().clear();
        part.elements.clear();
        part.offsets.clear();
        (part.records_before, part.counted_bytes) = (self.records, 0);
        loop {
            match self.pass.at_record() {
                Ok(true) => {}
                Ok(false) => {
                    part.counted_bytes = self.bytes_read();
                    return Passed::Ended;
                }
                Err(_) => return Passed::Unsure,
            }
            let Ok(record) = self.pass.tape.skip() else { return Passed::Unsure };
            self.records += 1;
            let bytes = part.bytes.to_mut();
            let start = bytes.len();
            bytes.extend_from_slice(self.pass.tape.text(record.clone()));
            part.elements.push(Span::new(start, bytes.len()));
            part.offsets.push(record.start);
            // Apart, as records are in a page.
            bytes.push(b',');
            if record.end - part.offsets[0] >= bytes_wanted as u64 {
                return Passed::More;
            }
        }
    }

    /// Bytes of the page that were read; all of them once it ended.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.pass.tape.bytes_read()
    }
}

/// How a pass over a page goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// There may be more records.
    More,
    /// The page ended, and is strict JSON as a whole.
    Ended,
    /// The pass can't tell whether the page is sound: all that it gave is to be forgotten, and [`Plan::open_page`] asked.
    Unsure,
}

impl Plan {
    /// Starts a pass over a page for [`crate::Worker::run_pass`]: half the cost of opening it first, and no more of it in memory than a
    /// window, for who can take back what the page's end shows to be wrong. `None` when the way to the records is none for one pass, or
    /// the page could not be read up to them.
    #[must_use]
    pub fn page_pass<'r>(&self, page: PageReader<'r>) -> Option<PagePass<'r>> {
        let pass = Pass::open(self.records_way.as_ref()?, self.instructions.scan, page).ok()?;
        Some(PagePass { pass, records: 0 })
    }

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

    /// Opens a page. Its records are what `recordsPath` selects; where that can select but one node, an array stands for its
    /// elements. Without a path, the elements of an array, or the one object.
    ///
    /// # Errors
    /// The page itself as a rejected record, with its one reason, when it is not strict JSON or repeats a key on the way to
    /// its records: nothing in it can be trusted then. Boxed, as the rare way out.
    pub fn open_page<'b>(&self, bytes: &'b [u8]) -> Result<Page<'b>, Box<Rejected>> {
        let way = self.records_way.as_ref();
        if let Some(elements) = way.and_then(|way| way.records(self.instructions.scan, bytes)) {
            return Ok(Page::whole(bytes, elements));
        }
        let place = Place { line: 1, offset: 0, length: bytes.len() as u64 };
        // Most pages that no pass can tell of are broken: those need no tree, which is many times as large as its text.
        let checked = way.map_or(Ok(()), |_| parse_check_within(bytes, Limits::WIDEST));
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
            Some(query) => records(&root, query, &self.effort(bytes.len()))?,
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
}

/// The nodes that `recordsPath` selects.
fn records<'d, 'a>(root: &'d Node<'a>, query: &Query, effort: &Effort) -> Result<Vec<&'d Node<'a>>, Reason> {
    let exceeded = |_| Reason::query_exceeded("recordsPath", query);
    if duplicate_keys::above_selected(query, root, effort).map_err(exceeded)? {
        return Err(Reason::malformed("duplicate-key"));
    }
    query.select_within(root, effort).map_err(exceeded)
}

/// Whether the text is JSON so far, and ends before its value does.
fn breaks_off(text: &[u8], limits: Limits) -> bool {
    matches!(parse(text, limits), Err(ParseError::Malformed { rule: chartly_json::Rule::UnexpectedEnd, .. }))
}
