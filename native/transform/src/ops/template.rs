//! `template`: a text that contains other fields' values, whether or not the field had a value before.
//!
//! It never makes a partial text: when a part is absent, the field stays as it was.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::text::Bounded;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, text};

#[derive(Debug)]
enum Piece {
    Text(String),
    /// Index into the names of the read fields.
    Field(usize),
}

/// What happens to a template when one of its fields is absent or null.
#[derive(Debug, Clone, Copy)]
enum Absent {
    Skip,
    Empty,
    Fail,
}

#[derive(Debug)]
struct Template {
    pieces: Vec<Piece>,
    fields: Vec<Box<str>>,
    absent: Absent,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let text = options.required("template", options.text("template")?)?;
    let choices = [("skip", Absent::Skip), ("empty", Absent::Empty), ("fail", Absent::Fail)];
    let absent = options.choice("whenAbsent", &choices)?.unwrap_or(Absent::Skip);
    let (pieces, fields) =
        parts(text).ok_or_else(|| options.bad("template", "text in which braces name fields, or are doubled"))?;
    if fields.is_empty() {
        return Err(options.bad("template", "text that names a field; use const for one that doesn't"));
    }
    Ok(Box::new(Template { pieces, fields, absent }))
}

/// Split a template at its `{name}`s; `{{` and `}}` are braces.
fn parts(text: &str) -> Option<(Vec<Piece>, Vec<Box<str>>)> {
    let (mut pieces, mut fields): (Vec<Piece>, Vec<Box<str>>) = Default::default();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        literal.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            literal.push_str(brace);
            rest = after;
            continue;
        }
        let (name, after) = rest.split_once('}').filter(|(name, _)| brace == "{" && !name.is_empty())?;
        if name.contains('{') {
            return None;
        }
        pieces.push(Piece::Text(std::mem::take(&mut literal)));
        let index = fields.iter().position(|field| **field == *name).unwrap_or_else(|| {
            fields.push(name.into());
            fields.len() - 1
        });
        pieces.push(Piece::Field(index));
        rest = after;
    }
    literal.push_str(rest);
    pieces.push(Piece::Text(literal));
    Some((pieces, fields))
}

impl Template {
    /// Return the text; `None` when the template is skipped.
    fn write(&self, record: &dyn Fields<'_>) -> Result<Option<String>, Failure> {
        let mut written = Bounded::default();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => written.push(text)?,
                Piece::Field(index) => match record.field(&self.fields[*index]).filter(|value| !value.is_null()) {
                    Some(value) => written.push(&text::of_scalar(value)?)?,
                    None => match self.absent {
                        Absent::Skip => return Ok(None),
                        Absent::Empty => {}
                        Absent::Fail => return Err(Failure::OperandAbsent),
                    },
                },
            }
        }
        Ok(Some(written.finish()))
    }
}

impl Op for Template {
    fn name(&self) -> &'static str {
        "template"
    }

    fn apply<'a>(&self, value: Value<'a>, record: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        Ok(Outcome::Value(match self.write(record)? {
            Some(text) => Value::String(text.into()),
            None => value,
        }))
    }

    fn fill<'a>(&self, record: &dyn Fields<'a>) -> Result<Option<Value<'a>>, Failure> {
        Ok(self.write(record)?.map(|text| Value::String(text.into())))
    }

    fn reads(&self) -> &[Box<str>] {
        &self.fields
    }
}

const PLACE: &str = r#"{"template": "{city}, {country} {{{code}}}"}"#;

const EXAMPLES: &[Example] = &[
    Example::fills(r#""Aarhus, Denmark {8000}""#)
        .with(PLACE)
        .among(r#"{"city": "Aarhus", "country": "Denmark", "code": 8000}"#),
    Example::returns(r#""before""#, r#""before""#).with(PLACE).among(r#"{"city": "Aarhus"}"#),
    Example::fills(r#""Aarhus, ""#)
        .with(r#"{"template": "{city}, {country}", "whenAbsent": "empty"}"#)
        .among(r#"{"city": "Aarhus"}"#),
    Example::fails("1", Failure::OperandAbsent).with(r#"{"template": "{city}", "whenAbsent": "fail"}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "template",
    promise: "The field becomes a text in which `{name}` is replaced by that field's scalar, written as `toString` writes it; `{{` \
              and `}}` are braces. It works on an absent field too.",
    options: &[
        ("template", "the text; required, names at least one field"),
        (
            "whenAbsent",
            "when a named field is absent or null: `skip` (default) leaves the field as it was, `empty` writes nothing there, \
             `fail` fails",
        ),
    ],
    examples: EXAMPLES,
    compile,
};
