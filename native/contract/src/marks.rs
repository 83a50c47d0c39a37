//! The members or elements of one instance that have been evaluated, for `unevaluatedProperties` and
//! `unevaluatedItems`.

use std::collections::HashSet;

use crate::ids::SchemaId;

/// One mark for each member or element, by position.
#[derive(Debug)]
pub(crate) struct Marks {
    marked: Vec<bool>,
    left: usize,
    /// Schemas that have set their marks; each does so once.
    entered: HashSet<SchemaId>,
}

impl Marks {
    pub(crate) fn none_of(count: usize) -> Self {
        Self { marked: vec![false; count], left: count, entered: HashSet::new() }
    }

    /// Note that a schema sets its marks. Return false if it has done so before.
    pub(crate) fn enter(&mut self, schema: SchemaId) -> bool {
        self.entered.insert(schema)
    }

    pub(crate) fn mark(&mut self, position: usize) {
        if let Some(mark @ false) = self.marked.get_mut(position) {
            *mark = true;
            self.left -= 1;
        }
    }

    pub(crate) fn mark_all(&mut self) {
        self.marked.fill(true);
        self.left = 0;
    }

    pub(crate) fn are_all(&self) -> bool {
        self.left == 0
    }

    /// Return the positions without a mark.
    pub(crate) fn unmarked(&self) -> impl Iterator<Item = usize> {
        self.marked.iter().enumerate().filter_map(|(position, marked)| (!marked).then_some(position))
    }
}
