//! Normalized paths (RFC 9535 §2.7): the only way to write the place of a node.

use std::fmt::{self, Write};

use crate::Step;

/// The place of one node: names and non-negative indexes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct NormalizedPath {
    steps: Vec<Step>,
}

impl NormalizedPath {
    pub(crate) fn child(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.steps.len() + 1);
        steps.extend_from_slice(&self.steps);
        steps.push(step);
        Self { steps }
    }

    /// Return the steps from the root.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Return the same place as a JSON Pointer (RFC 6901).
    #[must_use]
    pub fn to_pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.steps {
            pointer.push('/');
            match step {
                Step::Name(name) => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        pointer
    }
}

impl fmt::Display for NormalizedPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('$')?;
        for step in &self.steps {
            match step {
                Step::Index(index) => write!(formatter, "[{index}]")?,
                Step::Name(name) => {
                    formatter.write_str("['")?;
                    name.chars().try_for_each(|character| write_character(character, formatter))?;
                    formatter.write_str("']")?;
                }
            }
        }
        Ok(())
    }
}

fn write_character(character: char, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match character {
        '\u{8}' => formatter.write_str("\\b"),
        '\u{c}' => formatter.write_str("\\f"),
        '\n' => formatter.write_str("\\n"),
        '\r' => formatter.write_str("\\r"),
        '\t' => formatter.write_str("\\t"),
        '\'' => formatter.write_str("\\'"),
        '\\' => formatter.write_str("\\\\"),
        '\0'..='\u{1f}' => write!(formatter, "\\u{:04x}", u32::from(character)),
        _ => formatter.write_char(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quotes, backslashes and control characters are escaped as RFC 9535 normalizes them.
    #[test]
    fn escapes_names() {
        let path = NormalizedPath::default().child(Step::Name("a'b\\\n\u{b}".into())).child(Step::Index(3));
        assert_eq!(path.to_string(), r"$['a\'b\\\n\u000b'][3]");
    }

    /// A JSON Pointer escapes `~` and `/`.
    #[test]
    fn gives_a_pointer() {
        let path = NormalizedPath::default().child(Step::Name("a/b~".into())).child(Step::Index(0));
        assert_eq!(path.to_pointer(), "/a~1b~0/0");
    }
}
