//! The contract's rules for a field's value, in a fast form where a byte table or a comparison is enough. A check
//! passes only if the rule is met.

use chartly_contract::{Format, Rule};
use chartly_json::{Limits, Object, Value};

use super::class::Classes;

/// The type of a value, one bit each. An integer has the bits `INTEGER` and `NUMBER`.
pub(crate) const NULL: u8 = 1;
pub(crate) const BOOLEAN: u8 = 2;
pub(crate) const INTEGER: u8 = 4;
pub(crate) const FRACTION: u8 = 8;
pub(crate) const TEXT: u8 = 16;
pub(crate) const ARRAY: u8 = 32;
pub(crate) const OBJECT: u8 = 64;

/// The most listed values that are compared one by one; the contract's engine compares longer lists.
const LISTED_MAX: usize = 64;

/// The checks of one field.
#[derive(Debug, Clone)]
pub(crate) struct Checks {
    /// The types that every rule about types allows.
    pub(crate) types: u8,
    /// The least and the greatest allowed number as doubles, both included.
    least: f64,
    most: f64,
    bytes_least: usize,
    /// A text of at most this many bytes has no more characters than any rule allows.
    bytes_sure: usize,
    /// Rules for texts that are longer than `bytes_sure`.
    length_rules: Vec<Rule>,
    /// The texts that an `enum` or `const` allows.
    texts: Option<Box<[Box<[u8]>]>>,
    /// Character classes that the whole text must match, byte by byte.
    classes: Option<Classes>,
    /// Rules for texts, and for numbers, that have no faster form.
    text_rules: Vec<Rule>,
    number_rules: Vec<Rule>,
    /// Rules for values that are neither text nor number.
    other_rules: Vec<Rule>,
    /// All rules, to check any value.
    all: Vec<Rule>,
}

impl Checks {
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        let mut checks = Self {
            types: NULL | BOOLEAN | INTEGER | FRACTION | TEXT | ARRAY | OBJECT,
            least: f64::NEG_INFINITY,
            most: f64::INFINITY,
            bytes_least: 0,
            bytes_sure: usize::MAX,
            length_rules: Vec::new(),
            texts: None,
            classes: None,
            text_rules: Vec::new(),
            number_rules: Vec::new(),
            other_rules: Vec::new(),
            all: rules,
        };
        for rule in checks.all.clone() {
            checks.add(rule);
        }
        checks
    }

    fn add(&mut self, rule: Rule) {
        match rule {
            Rule::Type(_) => self.types &= types_of(&rule),
            Rule::Minimum(bound) if bound.is_exact => self.least = self.least.max(bound.double),
            Rule::Maximum(bound) if bound.is_exact => self.most = self.most.min(bound.double),
            Rule::Minimum(_)
            | Rule::Maximum(_)
            | Rule::ExclusiveMinimum(_)
            | Rule::ExclusiveMaximum(_)
            | Rule::MultipleOf(_) => self.number_rules.push(rule),
            // A text of one byte or more has one character or more.
            Rule::MinLength(least) if least <= 1 => {
                self.bytes_least = self.bytes_least.max(usize::from(least == 1));
            }
            Rule::Pattern(ref pattern) if self.classes.is_none() => match Classes::of(pattern.text()) {
                Some(classes) => self.classes = Some(classes),
                None => self.text_rules.push(rule),
            },
            Rule::MaxLength(most) => {
                self.bytes_sure = self.bytes_sure.min(usize::try_from(most).unwrap_or(usize::MAX));
                self.length_rules.push(rule);
            }
            Rule::MinLength(_) | Rule::Pattern(_) | Rule::Format(_) => self.text_rules.push(rule),
            Rule::Const(_) | Rule::Enum(_) => {
                match texts_of(&rule) {
                    texts @ Some(_) if self.texts.is_none() => self.texts = texts,
                    _ => self.text_rules.push(rule.clone()),
                }
                self.number_rules.push(rule.clone());
                self.other_rules.push(rule);
            }
        }
    }

    /// Remove the format `date-time`, which the kernel of the field guarantees. Of a column's instants, the range remains.
    pub(crate) fn without_date_time(mut self) -> Self {
        self.text_rules.retain(|rule| !matches!(rule, Rule::Format(Format::DateTime)));
        for rule in &mut self.text_rules {
            if matches!(rule, Rule::Format(Format::ColumnInstant)) {
                *rule = Rule::Format(Format::ColumnInstantRange);
            }
        }
        self
    }

    /// Return whether a text passes.
    ///
    /// # Safety
    /// `text` is UTF-8.
    #[inline(always)]
    pub(crate) unsafe fn pass_text(&self, text: &[u8]) -> bool {
        self.types & TEXT != 0
            && text.len() >= self.bytes_least
            && self.classes.as_ref().is_none_or(|classes| classes.matches(text))
            && self.texts.as_ref().is_none_or(|texts| texts.iter().any(|one| **one == *text))
            // SAFETY: the caller guarantees UTF-8.
            && (text.len() <= self.bytes_sure || unsafe { all_met(&self.length_rules, text) })
            // SAFETY: the caller guarantees UTF-8.
            && (self.text_rules.is_empty() || unsafe { all_met(&self.text_rules, text) })
    }

    /// Return whether a number passes.
    #[inline(always)]
    pub(crate) fn pass_number(&self, double: f64, is_integer: bool) -> bool {
        let type_bit = if is_integer { INTEGER } else { FRACTION };
        self.types & type_bit != 0
            && double >= self.least
            && double <= self.most
            && (self.number_rules.is_empty() || self.number_rules_met(double))
    }

    #[inline(never)]
    fn number_rules_met(&self, double: f64) -> bool {
        let value = Value::Double(double);
        self.number_rules.iter().all(|rule| rule.is_met(&value))
    }

    /// Return whether `null`, `true` or `false` passes.
    pub(crate) fn pass_other(&self, value: &Value<'_>) -> bool {
        let type_bit = if value.is_null() { NULL } else { BOOLEAN };
        self.types & type_bit != 0 && self.other_rules.iter().all(|rule| rule.is_met(value))
    }

    /// Return whether an array or an object passes, without regard to its content.
    pub(crate) fn pass_container(&self, type_bit: u8) -> bool {
        self.types & type_bit != 0 && self.other_rules.is_empty()
    }

    /// Return whether any value passes.
    pub(crate) fn pass(&self, value: &Value<'_>) -> bool {
        self.all.iter().all(|rule| rule.is_met(value))
    }

    /// Return whether the canonical text of any value passes.
    pub(crate) fn pass_canonical(&self, text: &[u8]) -> bool {
        self.all.is_empty() || chartly_json::parse(text, Limits::WIDEST).is_ok_and(|node| self.pass(&node.value))
    }
}

/// Return whether a text meets all rules.
///
/// # Safety
/// `text` is UTF-8.
#[inline(never)]
unsafe fn all_met(rules: &[Rule], text: &[u8]) -> bool {
    // SAFETY: the caller guarantees UTF-8.
    let value = Value::String(unsafe { str::from_utf8_unchecked(text) }.into());
    rules.iter().all(|rule| rule.is_met(&value))
}

/// Return the texts among the values that a rule lists, when there are few enough to compare one by one.
fn texts_of(rule: &Rule) -> Option<Box<[Box<[u8]>]>> {
    let values = match rule {
        Rule::Const(value) => std::slice::from_ref(&**value),
        Rule::Enum(values) => values,
        _ => return None,
    };
    let text = |value: &Value<'_>| value.as_str().map(|text| Box::from(text.as_bytes()));
    (values.len() <= LISTED_MAX).then(|| values.iter().filter_map(text).collect())
}

/// Return the types that a rule allows, found by checking one value of each.
fn types_of(rule: &Rule) -> u8 {
    let samples = [
        (NULL, Value::Null),
        (BOOLEAN, Value::Bool(true)),
        (INTEGER, Value::Number("1".into())),
        (FRACTION, Value::Number("0.5".into())),
        (TEXT, Value::String("".into())),
        (ARRAY, Value::Array(Vec::new())),
        (OBJECT, Value::Object(Object::default())),
    ];
    samples.iter().filter(|(_, value)| rule.is_met(value)).fold(0, |bits, (bit, _)| bits | bit)
}
