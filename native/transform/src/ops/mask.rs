//! `mask`: cover most characters of a text.
//!
//! It hides a text from readers, not from attackers: length and ends are shown unless the options say otherwise.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

/// The most characters that stay readable, and the most covering characters: the length of the longest identifier that
/// people read.
const KEPT_MAX: u32 = 64;

#[derive(Debug)]
struct Mask {
    first: usize,
    last: usize,
    with: char,
    /// The number of covering characters, independent of the text's length.
    length: Option<usize>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let kept = |option| Ok(options.count(option, 0, KEPT_MAX)?.unwrap_or(0) as usize);
    let with = options.text("with")?.unwrap_or("*");
    let mut characters = with.chars();
    let (Some(with), None) = (characters.next(), characters.next()) else {
        return Err(options.bad("with", "one character"));
    };
    let length = options.count("length", 1, KEPT_MAX)?.map(|length| length as usize);
    Ok(Box::new(Mask { first: kept("keepFirst")?, last: kept("keepLast")?, with, length }))
}

impl Op for Mask {
    fn name(&self) -> &'static str {
        "mask"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let text = text::of_scalar(&value)?;
        let count = text.chars().count();
        // A text with no more characters than may stay readable is covered completely.
        let (first, last) = if count > self.first + self.last { (self.first, self.last) } else { (0, 0) };
        let cover = self.length.unwrap_or(count - first - last);
        let masked: String = (text.chars().take(first))
            .chain(std::iter::repeat_n(self.with, cover))
            .chain(text.chars().skip(count - last))
            .collect();
        text::outcome(masked)
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""4111111111111111""#, r#""************1111""#).with(r#"{"keepLast": 4}"#),
    Example::returns(r#""jane""#, r#""j••e""#).with(r#"{"keepFirst": 1, "keepLast": 1, "with": "•"}"#),
    Example::returns(r#""123""#, r#""***""#).with(r#"{"keepLast": 4}"#),
    Example::returns(r#""a rather long name""#, r#""******""#).with(r#"{"length": 6}"#),
    Example::returns("5551234", r#""*****34""#).with(r#"{"keepLast": 2}"#),
    Example::fails("{}", Failure::NotAScalar),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "mask",
    promise: "The characters of a scalar's text are covered, except those kept at its ends. A text with no more characters than \
              would be kept is covered completely.",
    options: &[
        ("keepFirst", "characters that are kept at the start, 0–64; default 0"),
        ("keepLast", "characters that are kept at the end, 0–64; default 0"),
        ("with", "the covering character; default `*`"),
        (
            "length",
            "characters of cover, 1–64, so that the text's length doesn't show; by default one for each covered",
        ),
    ],
    examples: EXAMPLES,
    compile,
};
