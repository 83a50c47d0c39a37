//! `trim`: remove white space, or the listed characters, at the ends of a text.
//!
//! White space is Unicode's `White_Space` property. Nothing within the text changes.

use std::borrow::Cow;

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

#[derive(Debug)]
struct Trim {
    start: bool,
    end: bool,
    characters: Option<Box<[char]>>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let side = options.choice("side", &[("both", (true, true)), ("start", (true, false)), ("end", (false, true))])?;
    let (start, end) = side.unwrap_or((true, true));
    let characters = options.text("characters")?.map(|text| text.chars().collect());
    Ok(Box::new(Trim { start, end, characters }))
}

impl Trim {
    fn cut<'t>(&self, text: &'t str) -> &'t str {
        let goes = |character: char| match &self.characters {
            None => character.is_whitespace(),
            Some(characters) => characters.contains(&character),
        };
        let text = if self.start { text.trim_start_matches(goes) } else { text };
        if self.end { text.trim_end_matches(goes) } else { text }
    }
}

impl Op for Trim {
    fn name(&self) -> &'static str {
        "trim"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        match text::of_string(value)? {
            Cow::Borrowed(text) => text::outcome(self.cut(text)),
            Cow::Owned(text) => text::outcome(self.cut(&text).to_owned()),
        }
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""  two words\t\u00a0""#, r#""two words""#),
    Example::returns(r#""  both""#, r#""  both""#).with(r#"{"side": "end"}"#),
    Example::returns(r#""--x-y-""#, r#""x-y""#).with(r#"{"characters": "-"}"#),
    Example::fails("5", Failure::NotText),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "trim",
    promise: "White space at the ends of text (Unicode `White_Space`) is removed, or the characters that the profile lists.",
    options: &[
        ("side", "`both` (default), `start` or `end`"),
        ("characters", "the characters to remove instead of white space"),
    ],
    examples: EXAMPLES,
    compile,
};
