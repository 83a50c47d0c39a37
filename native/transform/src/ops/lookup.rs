//! `lookup`: a value by its key, from a table in the profile, or from a version of a dataset, whose rows are put in the
//! table's place before the plan is compiled.
//!
//! Keys are compared as text, exactly. Use ops before it to normalize case or spaces.

use std::collections::HashMap;

use chartly_json::Value;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, text};

/// The most entries of a table. It stays in memory as long as the plan, at about 100 bytes an entry.
const ENTRIES_MAX: usize = 1_000_000;

/// What happens to a key that is not in the table.
#[derive(Debug)]
enum Missing {
    Fail,
    Keep,
    Drop,
    Default(Value<'static>),
}

#[derive(Debug)]
struct Lookup {
    table: HashMap<Box<str>, Value<'static>>,
    missing: Missing,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    if options.value("dataset").is_some() {
        return Err(options.bad("dataset", "read into a table before the plan is compiled"));
    }
    let table = options.required("table", options.value("table"))?;
    let entries = table.as_object().filter(|object| !object.is_empty() && object.len() <= ENTRIES_MAX);
    let entries = entries.ok_or_else(|| options.bad("table", format!("a map of 1 to {ENTRIES_MAX} entries")))?;
    let mut table = HashMap::with_capacity(entries.len());
    for entry in entries.members() {
        if table.insert(Box::from(&*entry.key), entry.node.value.clone().into_owned()).is_some() {
            return Err(options.bad("table", "a map without a key given twice"));
        }
    }
    let missing = match (options.value("default"), options.value("otherwise")) {
        (Some(_), Some(_)) => return Err(options.bad("otherwise", "absent beside default")),
        (Some(value), None) => Missing::Default(value.clone().into_owned()),
        (None, _) => match options.choice("otherwise", &[("fail", 0), ("keep", 1), ("drop", 2)])? {
            Some(1) => Missing::Keep,
            Some(2) => Missing::Drop,
            _ => Missing::Fail,
        },
    };
    Ok(Box::new(Lookup { table, missing }))
}

impl Op for Lookup {
    fn name(&self) -> &'static str {
        "lookup"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let found = self.table.get(&*text::of_scalar(&value)?);
        match (found, &self.missing) {
            (Some(found), _) | (None, Missing::Default(found)) => Ok(Outcome::Value(found.clone())),
            (None, Missing::Keep) => Ok(Outcome::Value(value)),
            (None, Missing::Drop) => Ok(Outcome::Dropped),
            (None, Missing::Fail) => Err(Failure::NotInTable),
        }
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""DE""#, r#""Germany""#).with(r#"{"table": {"DE": "Germany", "DK": "Denmark"}}"#),
    Example::returns("2", r#""medium""#).with(r#"{"table": {"1": "low", "2": "medium"}}"#),
    Example::fails(r#""XX""#, Failure::NotInTable).with(r#"{"table": {"DE": "Germany"}}"#),
    Example::returns(r#""XX""#, r#""elsewhere""#).with(r#"{"table": {"DE": "Germany"}, "default": "elsewhere"}"#),
    Example::returns(r#""XX""#, r#""XX""#).with(r#"{"table": {"DE": "Germany"}, "otherwise": "keep"}"#),
    Example::drops(r#""XX""#).with(r#"{"table": {"DE": "Germany"}, "otherwise": "drop"}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "lookup",
    promise: "A scalar becomes its value in a table: a map in the profile, or two columns of a dataset, \
              fixed by version and hash. Keys are texts; a number is looked up as \
              `toString` writes it.",
    options: &[
        ("table", "the map from key to value, 1–1,000,000 entries; this or a dataset is required"),
        ("dataset", "the reference dataset that the table is read from, at one version"),
        ("version", "the version of the dataset"),
        ("key", "the column of the keys: texts, integers or booleans; a row without one is left out"),
        ("value", "the column of the values"),
        (
            "hash",
            "`sha256:` and the digest of the table's canonical JSON: the same table, or no plan. A wrong one is answered with the right one",
        ),
        ("default", "the value of keys that are not in the table"),
        (
            "otherwise",
            "without `default`, for a key that the table lacks: `fail` (default), `keep` the value, or `drop` the field",
        ),
    ],
    examples: EXAMPLES,
    compile,
};
