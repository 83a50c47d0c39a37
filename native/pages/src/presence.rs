//! The definition levels of a page: which rows have a value.

use crate::runs;

/// The rows of one page.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    /// Whether every row must have a value. Such columns have no levels.
    is_required: bool,
    rows: u32,
    /// Rows without a value, in order; few columns have many.
    absent: Vec<u32>,
}

impl Presence {
    pub(crate) fn required() -> Self {
        Self { is_required: true, ..Self::default() }
    }

    #[inline]
    pub(crate) fn push_present(&mut self) {
        self.rows += 1;
    }

    #[inline]
    pub(crate) fn push_absent(&mut self) {
        self.absent.push(self.rows);
        self.rows += 1;
    }

    pub(crate) fn rows(&self) -> u32 {
        self.rows
    }

    pub(crate) fn nulls(&self) -> u64 {
        self.absent.len() as u64
    }

    /// Append the levels after their length, if there are any, and begin a new page.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.is_required {
            self.write(out);
        }
        self.clear();
    }

    fn write(&self, out: &mut Vec<u8>) {
        let length_at = out.len();
        out.extend_from_slice(&[0; 4]);
        let rows = self.rows as usize;
        if self.absent.is_empty() {
            runs::write_run(1, rows, 1, out);
        } else {
            let mut levels = vec![1; rows];
            for row in &self.absent {
                levels[*row as usize] = 0;
            }
            runs::write(&levels, 1, out);
        }
        // A page has at most 2^32 rows of a bit each.
        let length = u32::try_from(out.len() - length_at - 4).unwrap_or(u32::MAX);
        out[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    }

    pub(crate) fn clear(&mut self) {
        self.rows = 0;
        self.absent.clear();
    }
}
