//! `coalesce`: the first of several fields that has a value.
//!
//! Every value except absent and null counts, also an empty text.

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome};

#[derive(Debug)]
struct Coalesce {
    fields: Vec<Box<str>>,
    otherwise: Option<Value<'static>>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let fields = options.required("fields", options.texts("fields")?)?;
    let otherwise = options.value("otherwise").map(|value| value.clone().into_owned());
    Ok(Box::new(Coalesce { fields, otherwise }))
}

impl Op for Coalesce {
    fn name(&self) -> &'static str {
        "coalesce"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        Ok(Outcome::Value(value))
    }

    fn fill<'a>(&self, record: &dyn Fields<'a>) -> Result<Option<Value<'a>>, Failure> {
        let mut others = self.fields.iter().filter_map(|name| record.field(name));
        let found = others.find(|value| !value.is_null()).cloned();
        Ok(found.or_else(|| self.otherwise.clone()))
    }

    fn reads(&self) -> &[Box<str>] {
        &self.fields
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""own""#, r#""own""#).with(r#"{"fields": ["other"]}"#).among(r#"{"other": "other"}"#),
    Example::fills(r#""second""#)
        .with(r#"{"fields": ["first", "second"]}"#)
        .among(r#"{"first": null, "second": "second"}"#),
    Example::returns("null", "0").with(r#"{"fields": ["first"], "otherwise": 0}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "coalesce",
    promise: "An absent or null field takes the value of the first of the named fields that has one. A field with a value keeps it.",
    options: &[
        ("fields", "the other fields, in order; required"),
        ("otherwise", "the value when no field has one; by default the field stays as it is"),
    ],
    examples: EXAMPLES,
    compile,
};
