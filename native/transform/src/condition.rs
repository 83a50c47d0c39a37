//! `when`: whether a transform runs on this record, decided by the field itself or by others.
//!
//! A test of a field that is absent or null is false, unless it tests for absence. A condition never fails.

use chartly_json::Value;
use regex::Regex;

use crate::decimal::Decimal;
use crate::options::Options;
use crate::scalar_set::ScalarSet;
use crate::{Fields, OpError, number, pattern_options, text};

/// The most tests of one condition, nested ones included. More than this is a table, and belongs in a `lookup`.
const TESTS_MAX: usize = 64;

/// The deepest nesting of `all`, `any` and `not`: what a person can still read.
const DEPTH_MAX: usize = 8;

/// A compiled condition.
#[derive(Debug)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// A test of the field at this index of the names that are read; `None` is the transform's own field.
    Test(Option<usize>, Test),
}

/// A test of one field.
#[derive(Debug)]
pub(crate) enum Test {
    Present(bool),
    In(ScalarSet),
    Matches(Regex),
    LessThan(Decimal),
    AtMost(Decimal),
    GreaterThan(Decimal),
    AtLeast(Decimal),
}

/// The options of a condition, documented and read like an op's.
pub(crate) const OPTIONS: &[(&str, &str)] = &[
    ("field", "the field that is tested; by default the transform's own"),
    ("present", "`true`: the field has a value; `false`: it is absent or null"),
    ("equals", "its value is this scalar; numbers are compared by value, and never equal a string"),
    ("in", "its value is one of these scalars"),
    ("matches", pattern_options::PATTERN_MEANING),
    ("lessThan", "its value is a number below this"),
    ("atMost", "its value is a number not above this"),
    ("greaterThan", "its value is a number above this"),
    ("atLeast", "its value is a number not below this"),
    ("all", "a list of conditions that all hold"),
    ("any", "a list of conditions of which one holds"),
    ("not", "a condition that doesn't hold"),
];

/// Reads conditions and collects the names of their fields.
pub(crate) struct Reader<'r> {
    pub(crate) op: &'static str,
    pub(crate) fields: &'r mut Vec<Box<str>>,
    tests: usize,
}

impl<'r> Reader<'r> {
    pub(crate) fn new(op: &'static str, fields: &'r mut Vec<Box<str>>) -> Self {
        Self { op, fields, tests: 0 }
    }

    fn bad(&self, rule: impl Into<String>) -> OpError {
        OpError::BadOption { op: self.op, option: "when", rule: rule.into() }
    }

    /// Read a condition: a map of tests, all of which must hold.
    pub(crate) fn read(&mut self, value: &Value<'_>, depth: usize) -> Result<Condition, OpError> {
        if depth > DEPTH_MAX {
            return Err(self.bad(format!("conditions nested at most {DEPTH_MAX} deep")));
        }
        let object = value.as_object().filter(|object| !object.is_empty());
        let object = object.ok_or_else(|| self.bad("a condition: a map with at least one test"))?;
        let options = Options::of_condition(OPTIONS, object);
        options.refuse_unknown().map_err(|error| self.bad(format!("a condition ({error})")))?;
        let mut parts = self.nested(&options, depth)?;
        let tests = tests(&options).map_err(|error| self.bad(format!("a condition ({error})")))?;
        if !tests.is_empty() {
            let field = options.text("field").map_err(|error| self.bad(error.to_string()))?;
            let place = field.map(|name| self.place(name));
            self.tests += tests.len();
            parts.extend(tests.into_iter().map(|test| Condition::Test(place, test)));
        }
        options.refuse_unread().map_err(|_| self.bad("a condition whose field has a test"))?;
        if self.tests > TESTS_MAX {
            return Err(self.bad(format!("a condition of at most {TESTS_MAX} tests")));
        }
        match parts.len() {
            0 => Err(self.bad("a condition: a map with at least one test")),
            1 => Ok(parts.swap_remove(0)),
            _ => Ok(Condition::All(parts)),
        }
    }

    fn nested(&mut self, options: &Options<'_>, depth: usize) -> Result<Vec<Condition>, OpError> {
        let mut parts = Vec::new();
        if let Some(inner) = options.value("not") {
            parts.push(Condition::Not(Box::new(self.read(inner, depth + 1)?)));
        }
        for (option, combine) in [("all", Condition::All as fn(_) -> _), ("any", Condition::Any)] {
            let Some(list) = options.value(option) else { continue };
            let elements = list.as_array().filter(|elements| !elements.is_empty());
            let elements = elements.ok_or_else(|| self.bad(format!("a condition whose {option} is a list")))?;
            let conditions = elements.iter().map(|node| self.read(&node.value, depth + 1));
            parts.push(combine(conditions.collect::<Result<Vec<_>, _>>()?));
        }
        Ok(parts)
    }

    fn place(&mut self, name: &str) -> usize {
        self.fields.iter().position(|field| **field == *name).unwrap_or_else(|| {
            self.fields.push(name.into());
            self.fields.len() - 1
        })
    }
}

fn tests(options: &Options<'_>) -> Result<Vec<Test>, OpError> {
    let mut tests = Vec::new();
    tests.extend(options.boolean("present")?.map(Test::Present));
    if options.value("in").is_some() {
        tests.push(Test::In(options.scalar_set("in")?));
    }
    if let Some(scalar) = options.value("equals") {
        let set = if matches!(scalar, Value::Array(_) | Value::Object(_)) { None } else { ScalarSet::of([scalar]) };
        tests.push(Test::In(set.ok_or_else(|| options.bad("equals", "a scalar"))?));
    }
    if options.value("matches").is_some() {
        tests.push(Test::Matches(pattern_options::read(options, "matches")?));
    }
    tests.extend(options.decimal("lessThan")?.map(Test::LessThan));
    tests.extend(options.decimal("atMost")?.map(Test::AtMost));
    tests.extend(options.decimal("greaterThan")?.map(Test::GreaterThan));
    tests.extend(options.decimal("atLeast")?.map(Test::AtLeast));
    Ok(tests)
}

impl Condition {
    /// Return whether the condition is true. `own` is the value of the transform's field.
    pub(crate) fn holds(&self, own: Option<&Value<'_>>, names: &[Box<str>], record: &dyn Fields<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(own, names, record)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(own, names, record)),
            Self::Not(part) => !part.holds(own, names, record),
            Self::Test(None, test) => test.holds(own),
            Self::Test(Some(place), test) => test.holds(record.field(&names[*place])),
        }
    }
}

impl Test {
    fn holds(&self, value: Option<&Value<'_>>) -> bool {
        let value = value.filter(|value| !value.is_null());
        let (value, wanted) = match (self, value) {
            (Self::Present(wanted), value) => return value.is_some() == *wanted,
            (_, None) => return false,
            (test, Some(value)) => (value, test),
        };
        let number = || number::exact(value).ok();
        match wanted {
            Self::Present(_) => false,
            Self::In(set) => set.contains(value) == Ok(true),
            Self::Matches(pattern) => text::of_scalar(value).is_ok_and(|text| pattern.is_match(&text)),
            Self::LessThan(bound) => number().is_some_and(|number| number.is_less_than(*bound)),
            Self::AtMost(bound) => number().is_some_and(|number| !bound.is_less_than(number)),
            Self::GreaterThan(bound) => number().is_some_and(|number| bound.is_less_than(number)),
            Self::AtLeast(bound) => number().is_some_and(|number| !number.is_less_than(*bound)),
        }
    }
}
