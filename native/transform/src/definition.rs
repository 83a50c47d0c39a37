//! The definition of an op: its name, promise, options, compile function and examples.
//!
//! It is data, from which the reference documentation and the example tests are made.

use crate::example::Example;
use crate::options::Options;
use crate::{Op, OpError};

/// The definition of an op.
#[derive(Debug)]
pub struct Definition {
    /// The name of the op in profiles.
    pub name: &'static str,
    /// What it promises, in Markdown.
    pub promise: &'static str,
    /// Its options, each with its meaning, bounds and default, in Markdown.
    pub options: &'static [(&'static str, &'static str)],
    /// Its results for given values.
    pub examples: &'static [Example],
    pub(crate) compile: fn(&Options<'_>) -> Result<Box<dyn Op>, OpError>,
}
