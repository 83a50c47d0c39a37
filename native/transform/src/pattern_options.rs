//! `pattern`: a regular expression of a profile, bounded when it is compiled and linear when it runs.
//!
//! Every op reads its pattern here, so that one syntax and one bound apply everywhere.

use regex::{Regex, RegexBuilder};

use crate::OpError;
use crate::options::Options;

pub(crate) const PATTERN_MEANING: &str = "a regular expression in the syntax of the Rust crate `regex` (Unicode, no look-around, no back-references: time is \
     linear in the text); at most 4,096 bytes";

/// Longer than any expression that a person can review.
const PATTERN_BYTES_MAX: usize = 4_096;

/// The most bytes of the compiled program. It bounds `\w{1000}{1000}`; a hundred such patterns still fit the 200 MB
/// that a run may use.
const PROGRAM_BYTES_MAX: usize = 1 << 20;

/// Read a required option that holds a pattern.
pub(crate) fn read(options: &Options<'_>, option: &'static str) -> Result<Regex, OpError> {
    let pattern = options.required(option, options.text(option)?)?;
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(options.bad(option, format!("at most {PATTERN_BYTES_MAX} bytes")));
    }
    RegexBuilder::new(pattern)
        .size_limit(PROGRAM_BYTES_MAX)
        .dfa_size_limit(PROGRAM_BYTES_MAX)
        .build()
        .map_err(|error| options.bad(option, rule(&error)))
}

fn rule(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => format!("a pattern that compiles to at most {PROGRAM_BYTES_MAX} bytes"),
        // The crate's message shows the pattern over several lines; its last line is the error.
        other => format!("a regular expression ({})", other.to_string().lines().last().unwrap_or_default().trim()),
    }
}
