//! The common part of `padStart` and `padEnd`: how much is missing, and what fills it.

use crate::OpError;
use crate::options::Options;

pub(crate) const LENGTH: (&str, &str) = ("length", "Unicode characters to reach, 1–65,536; required");
pub(crate) const WITH: (&str, &str) = ("with", "what is repeated, cut at the end; default one space; not empty");

/// No identifier or fixed-width cell is longer.
const LENGTH_MAX: u32 = 65_536;

/// The length to reach, and the text that is repeated to reach it.
#[derive(Debug)]
pub(crate) struct Padding {
    length: usize,
    with: Box<str>,
}

impl Padding {
    pub(crate) fn read(options: &Options<'_>) -> Result<Self, OpError> {
        let length = options.required("length", options.count("length", 1, LENGTH_MAX)?)?;
        let with = options.text("with")?.unwrap_or(" ");
        if with.is_empty() {
            return Err(options.bad("with", "text that isn't empty"));
        }
        Ok(Self { length: length as usize, with: with.into() })
    }

    /// Return the text that `text` lacks.
    pub(crate) fn fill(&self, text: &str) -> String {
        let missing = self.length.saturating_sub(text.chars().count());
        self.with.chars().cycle().take(missing).collect()
    }
}
