//! One record through the complete engine into an output: itself, or its children one after another.

use chartly_json::Node;
use chartly_path::{Effort, Query};

use super::{State, States};
use crate::output::Output;
use crate::place::Place;
use crate::plan::Plan;
use crate::reason::Reason;

/// Bytes of canonical text that count as a node when `explode` writes them: what a child has of its record is written for
/// each child, and the children of one record must not fill the memory.
const BYTES_A_NODE: u64 = 4;

impl Plan {
    /// Runs a record and appends what comes of it.
    pub(crate) fn run_complete(&self, record: &[u8], place: Place, keep_cells: bool, output: &mut Output) {
        let effort = self.effort(record.len());
        let opened = self.parse_record(record, &effort).and_then(|root| {
            let raw = self.raw_of_record(&root, &effort)?;
            Ok((root, raw))
        });
        let (root, raw) = match opened {
            Ok(opened) => opened,
            Err(reason) => return output.reject(place, vec![reason]),
        };
        match &self.explode {
            None => self.run_raw(raw, place, keep_cells, output),
            Some(query) => self.run_children((&root, &raw), query, &effort, (place, keep_cells), output),
        }
    }

    /// The children of a record in their order; the first that the effort doesn't reach for is rejected, and the last.
    fn run_children<'a>(
        &'a self,
        (root, of_record): (&Node<'a>, &[State<'a>]),
        query: &Query,
        effort: &Effort,
        (place, keep_cells): (Place, bool),
        output: &mut Output,
    ) {
        let children = match self.children(root, effort) {
            Ok(children) => children,
            Err(reason) => return output.reject(place, vec![reason]),
        };
        for child in children {
            let place =
                Place { offset: place.offset + u64::from(child.span.start), length: child.span.len() as u64, ..place };
            if effort.is_spent() {
                return output.reject(place, vec![Reason::query_exceeded("explode", query)]);
            }
            let written = output.text.len();
            match self.raw_of_child(of_record, child, effort) {
                Ok(raw) => self.run_raw(raw, place, keep_cells, output),
                Err(reason) => return output.reject(place, vec![reason]),
            }
            effort.take((output.text.len() - written) as u64 / BYTES_A_NODE);
        }
    }

    fn run_raw(&self, raw: States<'_>, place: Place, keep_cells: bool, output: &mut Output) {
        match self.run_tree(raw) {
            Err(reasons) => output.reject(place, reasons),
            Ok(states) => {
                if let Err((position, error)) = self.emit(&states, place, keep_cells, output) {
                    output.reject(place, vec![self.fields[position].number_reason(error)]);
                }
            }
        }
    }
}
