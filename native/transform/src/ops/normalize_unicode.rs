//! `normalizeUnicode`: convert texts that look the same to one Unicode normalization form.
//!
//! The canonical forms don't change the meaning of letters. The compatibility forms also fold ligatures and widths, and
//! must be chosen explicitly.

use chartly_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

/// The four forms of Unicode Standard Annex #15.
#[derive(Debug, Clone, Copy)]
enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

#[derive(Debug)]
struct NormalizeUnicode {
    form: Form,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    let forms = [("NFC", Form::Nfc), ("NFD", Form::Nfd), ("NFKC", Form::Nfkc), ("NFKD", Form::Nfkd)];
    let form = options.choice("form", &forms)?.unwrap_or(Form::Nfc);
    Ok(Box::new(NormalizeUnicode { form }))
}

impl Op for NormalizeUnicode {
    fn name(&self) -> &'static str {
        "normalizeUnicode"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let text = text::of_string(value)?;
        if text.is_ascii() {
            return text::outcome(text);
        }
        text::outcome(match self.form {
            Form::Nfc => text.nfc().collect::<String>(),
            Form::Nfd => text.nfd().collect(),
            Form::Nfkc => text.nfkc().collect(),
            Form::Nfkd => text.nfkd().collect(),
        })
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""cafe\u0301""#, r#""caf\u00e9""#),
    Example::returns(r#""caf\u00e9""#, r#""cafe\u0301""#).with(r#"{"form": "NFD"}"#),
    Example::returns(r#""ﬁｎ２""#, r#""fin2""#).with(r#"{"form": "NFKC"}"#),
    Example::fails("5", Failure::NotText),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "normalizeUnicode",
    promise: "Text gets a Unicode normalization form (UAX #15), so that equal-looking texts are equal.",
    options: &[("form", "`NFC` (default), `NFD`, `NFKC` or `NFKD`")],
    examples: EXAMPLES,
    compile,
};
