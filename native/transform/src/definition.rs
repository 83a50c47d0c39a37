//! What the registry knows of an op: its name, what it promises, its options, how it compiles, and its examples.
//!
//! It is data; the reference documentation and the example tests are both read from it.

use crate::example::Example;
use crate::options::Options;
use crate::{Op, OpError};

/// An op, as profiles know it.
#[derive(Debug)]
pub struct Definition {
    /// The name that profiles call it by.
    pub name: &'static str,
    /// What it promises, in Markdown.
    pub promise: &'static str,
    /// Its options, each with its meaning, bounds and default, in Markdown.
    pub options: &'static [(&'static str, &'static str)],
    /// What it does to given values.
    pub examples: &'static [Example],
    pub(crate) compile: fn(&Options<'_>) -> Result<Box<dyn Op>, OpError>,
}
