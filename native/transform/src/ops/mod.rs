//! The ops, one a file, each in the same order: promise, compiled form, compile, apply, examples.

#![allow(clippy::unnecessary_wraps, reason = "every compile has the one signature that the registry calls")]

pub(crate) mod abs;
pub(crate) mod add;
pub(crate) mod allow_values;
pub(crate) mod coalesce;
pub(crate) mod concat;
pub(crate) mod convert_unit;
pub(crate) mod deny_pattern;
pub(crate) mod deny_values;
pub(crate) mod divide;
pub(crate) mod drop;
pub(crate) mod hash;
pub(crate) mod hmac;
pub(crate) mod join;
pub(crate) mod length;
pub(crate) mod lookup;
pub(crate) mod lower;
pub(crate) mod mask;
pub(crate) mod multiply;
pub(crate) mod normalize_unicode;
pub(crate) mod pad_end;
pub(crate) mod pad_start;
pub(crate) mod regex_extract;
pub(crate) mod regex_replace;
pub(crate) mod replace;
pub(crate) mod round;
pub(crate) mod split;
pub(crate) mod substring;
pub(crate) mod subtract;
pub(crate) mod template;
pub(crate) mod to_boolean;
pub(crate) mod to_date;
pub(crate) mod to_decimal;
pub(crate) mod to_integer;
pub(crate) mod to_number;
pub(crate) mod to_string;
pub(crate) mod to_utc_timestamp;
pub(crate) mod tokenize;
pub(crate) mod trim;
pub(crate) mod upper;
