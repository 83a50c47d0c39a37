//! Run one record through the complete engine into an output: the record itself, or its children one after another.

use chartly_json::Node;
use chartly_path::{Effort, Query};

use super::{State, States};
use crate::output::Output;
use crate::place::Place;
use crate::plan::Plan;
use crate::reason::Reason;

/// Bytes of canonical text that count as one visited node when `explode` writes children. A child repeats what it takes
/// from its record, so this bounds the memory of one record's children.
const BYTES_A_NODE: u64 = 4;

impl Plan {
    /// Run a record and append the result.
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

    /// Run the children of a record in order. The first child beyond the bound on visited nodes is rejected, and the
    /// rest is skipped.
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
