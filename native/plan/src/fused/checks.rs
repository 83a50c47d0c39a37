//! What a field's value must still pass, given what it is known to be: the contract's rules for it, made quick where a byte
//! table or a comparison does. A check only ever says yes when the rule does.

use chartly_contract::Rule;
use chartly_json::{Limits, Object, Value};

use super::class::Classes;

/// The type of a value, one bit each; an integer is both `INTEGER` and a number.
pub(crate) const NULL: u8 = 1;
pub(crate) const BOOLEAN: u8 = 2;
pub(crate) const INTEGER: u8 = 4;
pub(crate) const FRACTION: u8 = 8;
pub(crate) const TEXT: u8 = 16;
pub(crate) const ARRAY: u8 = 32;
pub(crate) const OBJECT: u8 = 64;

/// Values that are compared one by one; more of them are the contract's.
const LISTED_MAX: usize = 64;

/// The checks of one field.
#[derive(Debug, Clone)]
pub(crate) struct Checks {
    /// Types that every rule about types lets pass.
    pub(crate) types: u8,
    /// Least and most, as doubles, both included.
    least: f64,
    most: f64,
    bytes_least: usize,
    /// A text of at most so many bytes has no more characters than any rule lets pass.
    bytes_sure: usize,
    /// Rules for texts that are longer than that.
    length_rules: Vec<Rule>,
    /// The texts that an `enum` or `const` lets pass.
    texts: Option<Box<[Box<[u8]>]>>,
    /// Fixed classes of ASCII, the whole text.
    classes: Option<Classes>,
    /// Rules for texts, and for numbers, that have no quicker form.
    text_rules: Vec<Rule>,
    number_rules: Vec<Rule>,
    /// Rules for anything that is no text and no number.
    other_rules: Vec<Rule>,
    /// All of them, to ask about a value as such.
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

    /// Leaves out what the texts of a kernel are known to be.
    pub(crate) fn without_format(mut self, proved: chartly_contract::Format) -> Self {
        self.text_rules.retain(|rule| !matches!(rule, Rule::Format(format) if *format == proved));
        self
    }

    /// Whether a text passes.
    ///
    /// # Safety
    /// `text` is UTF-8.
    #[inline(always)]
    pub(crate) unsafe fn pass_text(&self, text: &[u8]) -> bool {
        self.types & TEXT != 0
            && text.len() >= self.bytes_least
            && self.classes.as_ref().is_none_or(|classes| classes.matches(text))
            && self.texts.as_ref().is_none_or(|texts| texts.iter().any(|one| **one == *text))
            // SAFETY: as the caller vouches.
            && (text.len() <= self.bytes_sure || unsafe { all_met(&self.length_rules, text) })
            // SAFETY: as the caller vouches.
            && (self.text_rules.is_empty() || unsafe { all_met(&self.text_rules, text) })
    }

    /// Whether a number passes.
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

    /// Whether `null`, `true` or `false` passes.
    pub(crate) fn pass_other(&self, value: &Value<'_>) -> bool {
        let type_bit = if value.is_null() { NULL } else { BOOLEAN };
        self.types & type_bit != 0 && self.other_rules.iter().all(|rule| rule.is_met(value))
    }

    /// Whether an array or an object passes, whatever is in it.
    pub(crate) fn pass_container(&self, type_bit: u8) -> bool {
        self.types & type_bit != 0 && self.other_rules.is_empty()
    }

    /// Whether any value passes.
    pub(crate) fn pass(&self, value: &Value<'_>) -> bool {
        self.all.iter().all(|rule| rule.is_met(value))
    }

    /// Whether canonical text of any value passes.
    pub(crate) fn pass_canonical(&self, text: &[u8]) -> bool {
        self.all.is_empty() || chartly_json::parse(text, Limits::WIDEST).is_ok_and(|node| self.pass(&node.value))
    }
}

/// Whether a text meets rules as such.
///
/// # Safety
/// `text` is UTF-8.
#[inline(never)]
unsafe fn all_met(rules: &[Rule], text: &[u8]) -> bool {
    // SAFETY: as the caller vouches.
    let value = Value::String(unsafe { str::from_utf8_unchecked(text) }.into());
    rules.iter().all(|rule| rule.is_met(&value))
}

/// The texts among the values that a rule lists, when there are few enough to be compared one by one.
fn texts_of(rule: &Rule) -> Option<Box<[Box<[u8]>]>> {
    let values = match rule {
        Rule::Const(value) => std::slice::from_ref(&**value),
        Rule::Enum(values) => values,
        _ => return None,
    };
    let text = |value: &Value<'_>| value.as_str().map(|text| Box::from(text.as_bytes()));
    (values.len() <= LISTED_MAX).then(|| values.iter().filter_map(text).collect())
}

/// The types that a rule lets pass, asked of one value of each.
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
