//! `split`: split text at a separator into an array.
//!
//! It doesn't interpret quotes or escapes, so it can't parse CSV.

use chartly_json::{Node, Value};

use crate::definition::Definition;
use crate::options::Options;
use crate::text::ITEMS_MAX;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, text};

#[derive(Debug)]
struct Split {
    by: Box<str>,
    trims: bool,
    keeps_empty: bool,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let by = options.required("by", options.text("by")?)?;
    if by.is_empty() {
        return Err(options.bad("by", "text that isn't empty"));
    }
    let trims = options.boolean("trim")?.unwrap_or(false);
    let keeps_empty = options.boolean("keepEmpty")?.unwrap_or(true);
    Ok(Box::new(Split { by: by.into(), trims, keeps_empty }))
}

impl Op for Split {
    fn name(&self) -> &'static str {
        "split"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let text = text::as_string(&value)?;
        let mut pieces = Vec::new();
        for piece in text.split(&*self.by) {
            let piece = if self.trims { piece.trim() } else { piece };
            if piece.is_empty() && !self.keeps_empty {
                continue;
            }
            if pieces.len() == ITEMS_MAX {
                return Err(Failure::TooLarge);
            }
            pieces.push(Node::computed(Value::String(piece.to_owned().into())));
        }
        Ok(Outcome::Value(Value::Array(pieces)))
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""red,green,,blue""#, r#"["red", "green", "", "blue"]"#).with(r#"{"by": ","}"#),
    Example::returns(r#""red, green, ,blue""#, r#"["red", "green", "blue"]"#)
        .with(r#"{"by": ",", "trim": true, "keepEmpty": false}"#),
    Example::returns(r#""""#, r#"[""]"#).with(r#"{"by": ","}"#),
    Example::fails("[]", Failure::NotText).with(r#"{"by": ","}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "split",
    promise: "Text becomes the array of the pieces between a separator, at most 65,536 of them.",
    options: &[
        ("by", "the separator; required, not empty"),
        ("trim", "whether white space at the ends of pieces is removed; default `false`"),
        ("keepEmpty", "whether empty pieces are kept; default `true`"),
    ],
    examples: EXAMPLES,
    compile,
};
