//! Write finished fields as canonical bytes into a line of `accepted.ndjson`. Ids are filled in later, many at a time.

use chartly_json::NumberError;

use crate::complete::State;
use crate::output::{Cell, LINE_END, LINE_HEAD, LINE_ID, Output};
use crate::place::Place;
use crate::plan::Plan;

impl Output {
    /// Remove what was written for a record that is not accepted in the end.
    pub(crate) fn rewind(&mut self, text: usize, cells: usize) {
        self.text.truncate(text);
        self.cells.truncate(cells);
    }

    /// Write the end of a record's line. Its canonical bytes are `self.text[start..]`.
    pub(crate) fn finish_line(&mut self, start: usize, place: Place) {
        self.canonical.push(start..self.text.len());
        self.text.extend_from_slice(LINE_ID);
        self.text.resize(self.text.len() + chartly_digest::HEX_BYTES, b'0');
        self.text.extend_from_slice(LINE_END);
        self.places.push(place);
        self.counts.accepted += 1;
    }
}

impl Plan {
    /// Write an accepted record.
    ///
    /// # Errors
    /// The position of a field with a number that a double can't hold. The transform phase leaves none.
    pub(crate) fn emit(
        &self,
        states: &[State<'_>],
        place: Place,
        keep_cells: bool,
        out: &mut Output,
    ) -> Result<(), (usize, NumberError)> {
        let (text_before, cells_before) = (out.text.len(), out.cells.len());
        out.text.extend_from_slice(LINE_HEAD);
        let start = out.text.len();
        let mut separator = b'{';
        for (position, (field, state)) in self.fields.iter().zip(states).enumerate() {
            let mut cell = Cell::default();
            if let State::Value(value) = state {
                out.text.push(separator);
                separator = b',';
                out.text.extend_from_slice(&field.key);
                let cell_start = out.text.len();
                if chartly_canonical::write_value(value, &mut out.text).is_err() {
                    out.rewind(text_before, cells_before);
                    return Err((position, NumberError::PrecisionLoss));
                }
                cell = Cell::new(cell_start..out.text.len());
            }
            if keep_cells {
                out.cells.push(cell);
            }
        }
        // `type` is always present, so the opening brace has been written.
        out.text.push(b'}');
        out.finish_line(start, place);
        Ok(())
    }
}
