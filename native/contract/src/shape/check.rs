//! Apply one check of a shape to a value. It gives the same result as the keyword.

use chartly_json::Value;

use super::Rule;

impl Rule {
    /// Return whether the value satisfies the rule.
    #[must_use]
    pub fn is_met(&self, value: &Value<'_>) -> bool {
        let text = value.as_str();
        match self {
            Self::Type(types) => types.has(value),
            Self::Const(constant) => constant.equals(value),
            Self::Enum(values) => values.iter().any(|one| one.equals(value)),
            Self::Minimum(bound) => bound.compare(value).is_none_or(std::cmp::Ordering::is_ge),
            Self::Maximum(bound) => bound.compare(value).is_none_or(std::cmp::Ordering::is_le),
            Self::ExclusiveMinimum(bound) => bound.compare(value).is_none_or(std::cmp::Ordering::is_gt),
            Self::ExclusiveMaximum(bound) => bound.compare(value).is_none_or(std::cmp::Ordering::is_lt),
            Self::MultipleOf(bound) => bound.divides(value) != Some(false),
            Self::MinLength(least) => text.is_none_or(|text| text.chars().count() as u64 >= *least),
            Self::MaxLength(most) => text.is_none_or(|text| text.chars().count() as u64 <= *most),
            Self::Pattern(pattern) => text.is_none_or(|text| pattern.is_match(text)),
            Self::Format(format) => text.is_none_or(|text| format.is_valid(text)),
        }
    }
}
