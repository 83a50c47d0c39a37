//! `regexExtract`: the first match of a pattern, or one of its groups.
//!
//! It extracts one match. To get many, use `split`.

use chartly_json::Value;
use regex::Regex;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, pattern_options, text};

#[derive(Debug)]
struct RegexExtract {
    pattern: Regex,
    group: usize,
    drops: bool,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let pattern = pattern_options::read(options, "pattern")?;
    let group = match options.value("group") {
        None => Some(usize::from(pattern.captures_len() > 1)),
        Some(Value::String(name)) => pattern.capture_names().position(|group| group == Some(&**name)),
        Some(Value::Number(text)) => text.parse().ok().filter(|group| *group < pattern.captures_len()),
        Some(_) => None,
    };
    let group = group.ok_or_else(|| options.bad("group", "the name or number of a group in the pattern"))?;
    let drops = options.choice("otherwise", &[("fail", false), ("drop", true)])?.unwrap_or(false);
    Ok(Box::new(RegexExtract { pattern, group, drops }))
}

impl Op for RegexExtract {
    fn name(&self) -> &'static str {
        "regexExtract"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let text = text::as_string(&value)?;
        match self.pattern.captures(text).and_then(|captures| captures.get(self.group)) {
            Some(found) => text::outcome(found.as_str().to_owned()),
            None if self.drops => Ok(Outcome::Dropped),
            None => Err(Failure::NoMatch),
        }
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""order #4711, paid""#, r#""4711""#).with(r##"{"pattern": "#([0-9]+)"}"##),
    Example::returns(r#""2026-Q3""#, r#""Q3""#).with(r#"{"pattern": "Q[1-4]"}"#),
    Example::returns(r#""k=v""#, r#""v""#).with(r#"{"pattern": "(?P<key>\\w)=(?P<value>\\w)", "group": "value"}"#),
    Example::fails(r#""none""#, Failure::NoMatch).with(r#"{"pattern": "Q[1-4]"}"#),
    Example::drops(r#""none""#).with(r#"{"pattern": "Q[1-4]", "otherwise": "drop"}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "regexExtract",
    promise: "Text becomes the first match of a pattern, or a group of it.",
    options: &[
        ("pattern", pattern_options::PATTERN_MEANING),
        ("group", "name or number of the group; by default the first, or the whole match of a pattern without groups"),
        ("otherwise", "without a match: `fail` (default), or `drop` the field"),
    ],
    examples: EXAMPLES,
    compile,
};
