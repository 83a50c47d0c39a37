//! `format`: a string has a format of the standard. Unknown formats are annotations.

use chartly_json::{Node, Value};

use crate::compile::{Compiled, Context};
use crate::schema::{Description, Keyword, Run};
use crate::{Format, Rule};

#[derive(Debug)]
struct FormatOf(Format);

pub(super) fn compile<'s>(_: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let format = node.value.as_str().and_then(Format::named);
    Ok(format.map(|format| Box::new(FormatOf(format)) as Box<dyn Keyword>))
}

impl Keyword for FormatOf {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        instance.as_str().is_none_or(|text| self.0.is_valid(text))
    }

    fn describe(&self) -> Description<'_> {
        Description::Rule(Rule::Format(self.0))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::meets;

    /// Known formats are asserted for strings; unknown formats are not.
    #[test]
    fn asserts_known_formats() {
        assert!(!meets(r#"{"format": "date"}"#, r#""2026-02-30""#));
        assert!(meets(r#"{"format": "date"}"#, "20260230"));
        assert!(meets(r#"{"format": "colour"}"#, r#""?""#));
    }
}
