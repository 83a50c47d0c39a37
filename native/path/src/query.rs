//! The public query: parse it once, evaluate it often.

use std::fmt;

use chartly_json::{Duplicate, Node, Value};

use crate::ast::{Segment, Selector};
use crate::evaluate::{self, Located};
use crate::step::{Step, as_step};
use crate::{Effort, EffortExceeded, PathError, parse, reads};

/// A compiled query. It is immutable and can be shared between threads.
#[derive(Debug, Clone)]
pub struct Query {
    text: String,
    segments: Vec<Segment>,
    singular: Option<Vec<Step>>,
}

impl Query {
    /// Parse a query.
    ///
    /// # Errors
    /// The first rule that the text breaks, with its place.
    ///
    /// ```
    /// use chartly_path::{PathRule, Query};
    ///
    /// let error = Query::parse("$.a[01]").map(drop);
    /// assert_eq!(error.map_err(|error| (error.position, error.rule)), Err((4, PathRule::InvalidInteger)));
    /// ```
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let segments = parse::query(text)?;
        let singular = as_steps(&segments);
        Ok(Self { text: text.to_owned(), segments, singular })
    }

    /// Return the query as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Return the chain of names and indexes, if the query is a singular query of RFC 9535.
    ///
    /// ```
    /// use chartly_path::{Query, Step};
    ///
    /// let steps = [Step::Name("items".into()), Step::Index(-1)];
    /// assert_eq!(Query::parse("$['items'][-1]")?.as_singular(), Some(&steps[..]));
    /// assert_eq!(Query::parse("$.items[*]")?.as_singular(), None);
    /// # Ok::<(), chartly_path::PathError>(())
    /// ```
    #[must_use]
    pub fn as_singular(&self) -> Option<&[Step]> {
        self.singular.as_deref()
    }

    /// Return the nodes that the query selects in the document with this root, in RFC 9535's order. A node may be in it
    /// more than once.
    #[must_use]
    pub fn select<'d, 'a>(&self, root: &'d Node<'a>) -> Vec<&'d Node<'a>> {
        self.select_within(root, &Effort::unbounded()).unwrap_or_default()
    }

    /// Return the selected nodes within a bound on visited nodes.
    ///
    /// # Errors
    /// The bound is too small.
    ///
    /// ```
    /// use chartly_json::{Limits, parse};
    /// use chartly_path::{Effort, EffortExceeded, Query};
    ///
    /// let deep = parse(b"[[[[[[[[[[[[1]]]]]]]]]]]]", Limits::default())?;
    /// let query = Query::parse("$..*..*..*..*")?;
    /// assert_eq!(query.select_within(&deep, &Effort::of(100)).map(drop), Err(EffortExceeded));
    /// assert_eq!(query.select_within(&deep, &Effort::of(10_000)).map(|nodes| nodes.len()), Ok(495));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn select_within<'d, 'a>(
        &self,
        root: &'d Node<'a>,
        effort: &Effort,
    ) -> Result<Vec<&'d Node<'a>>, EffortExceeded> {
        evaluate::select(&self.segments, root, effort, &mut ())
    }

    /// Return whether the query ends with wildcards, slices or filters, and so selects elements rather than a list.
    ///
    /// ```
    /// use chartly_path::Query;
    ///
    /// assert!(Query::parse("$.items[*]")?.selects_elements());
    /// assert!(!Query::parse("$..items")?.selects_elements());
    /// # Ok::<(), chartly_path::PathError>(())
    /// ```
    #[must_use]
    pub fn selects_elements(&self) -> bool {
        self.segments.last().is_some_and(chooses)
    }

    /// Return whether a query that selects nothing leads to arrays without an element that it selects. Otherwise a name
    /// or index on its way is missing, or another value is where an array should be.
    ///
    /// # Errors
    /// The bound is too small.
    ///
    /// ```
    /// use chartly_json::{Limits, parse};
    /// use chartly_path::{Effort, Query};
    ///
    /// let query = Query::parse("$.orders[*].items[*]")?;
    /// for (document, leads_to_arrays) in [
    ///     (r#"{"orders": []}"#, true),
    ///     (r#"{"orders": [{"items": []}]}"#, true),
    ///     (r#"{"orders": [{"lines": []}]}"#, false),
    ///     (r#"{"orders": "temporarily unavailable"}"#, false),
    /// ] {
    ///     let root = parse(document.as_bytes(), Limits::default())?;
    ///     assert_eq!(query.leads_to_arrays(&root, &Effort::of(100)), Ok(leads_to_arrays));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn leads_to_arrays(&self, root: &Node<'_>, effort: &Effort) -> Result<bool, EffortExceeded> {
        for length in (0..self.segments.len()).rev() {
            let nodes = evaluate::select(&self.segments[..length], root, effort, &mut ())?;
            if !nodes.is_empty() {
                let is_array = |node: &&Node<'_>| matches!(node.value, Value::Array(_));
                return Ok(chooses(&self.segments[length]) && nodes.iter().all(is_array));
            }
        }
        Ok(false)
    }

    /// Return the selected nodes, each with its normalized path.
    #[must_use]
    pub fn select_located<'d, 'a>(&self, root: &'d Node<'a>) -> Vec<Located<'d, 'a>> {
        self.select_located_within(root, &Effort::unbounded()).unwrap_or_default()
    }

    /// Return the selected nodes and their paths within a bound on visited nodes.
    ///
    /// # Errors
    /// The bound is too small.
    pub fn select_located_within<'d, 'a>(
        &self,
        root: &'d Node<'a>,
        effort: &Effort,
    ) -> Result<Vec<Located<'d, 'a>>, EffortExceeded> {
        evaluate::select_located(&self.segments, root, effort)
    }

    /// Return the first repeated key, in document order, of an object that this query reads.
    ///
    /// A query reads the root, each object that a name selector, a wildcard or a filter is applied to, and everything
    /// inside a selected value. Within a filter, two structures that are compared are read whole, and `length` reads
    /// the object that it counts. An object to which only an index or a slice is applied is not read.
    ///
    /// ```
    /// use chartly_json::{Limits, parse};
    /// use chartly_path::Query;
    ///
    /// let record = parse(br#"{"a": {"b": 1}, "unread": {"x": 1, "x": 2}}"#, Limits::default())?;
    /// assert!(Query::parse("$.a.b")?.first_duplicate_read(&record).is_none());
    /// assert!(Query::parse("$..b")?.first_duplicate_read(&record).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn first_duplicate_read(&self, root: &Node<'_>) -> Option<Duplicate> {
        self.first_duplicate_read_within(root, &Effort::unbounded()).unwrap_or_default()
    }

    /// Return the first repeated key that this query reads, within a bound on visited nodes.
    ///
    /// # Errors
    /// The bound is too small.
    pub fn first_duplicate_read_within(
        &self,
        root: &Node<'_>,
        effort: &Effort,
    ) -> Result<Option<Duplicate>, EffortExceeded> {
        reads::first_duplicate(&self.segments, root, effort)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::str::FromStr for Query {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}

/// Return whether a segment selects any number of children, and names none.
fn chooses(segment: &Segment) -> bool {
    !segment.selectors.iter().any(|selector| matches!(selector, Selector::Name(_) | Selector::Index(_)))
}

fn as_steps(segments: &[Segment]) -> Option<Vec<Step>> {
    segments.iter().map(as_step).collect()
}
