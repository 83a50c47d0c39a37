//! `pattern`: a string has a match of a regular expression, anywhere in it.

use std::sync::Arc;

use chartly_json::{Node, Value};

use crate::compile::{Compiled, Context};
use crate::schema::{Description, Keyword, Run};
use crate::{Pattern, Rule};

#[derive(Debug)]
struct PatternOf(Arc<Pattern>);

pub(super) fn compile<'s>(context: &mut Context<'_, 's>, node: &'s Node<'s>) -> Compiled {
    let Value::String(text) = &node.value else { return Ok(None) };
    let pattern = Pattern::compile(text).map_err(|problem| context.pattern_error(&["pattern"], problem))?;
    Ok(Some(Box::new(PatternOf(Arc::new(pattern)))))
}

impl Keyword for PatternOf {
    fn is_valid(&self, _: &mut Run<'_>, instance: &Value<'_>) -> bool {
        instance.as_str().is_none_or(|text| self.0.is_match(text))
    }

    fn describe(&self) -> Description<'_> {
        Description::Rule(Rule::Pattern(Arc::clone(&self.0)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{meets, refused};

    /// A pattern is not anchored by itself.
    #[test]
    fn searches() {
        assert!(meets(r#"{"pattern": "b+"}"#, r#""abbc""#));
        assert!(!meets(r#"{"pattern": "^b+$"}"#, r#""abbc""#));
    }

    /// A pattern that can't be matched in linear time is refused with its place.
    #[test]
    fn refuses_lookahead() {
        let error = refused(r#"{"properties": {"a/b": {"pattern": "(?=x)"}}}"#);
        assert_eq!(
            error,
            "the pattern at #/properties/a~1b/pattern cannot be used: lookahead and lookbehind are not supported"
        );
    }
}
