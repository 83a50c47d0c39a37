//! `hmac`: the keyed digest of a scalar's text. Equal values stay equal, and can't be guessed without the key.
//!
//! It can't be reversed. For a short stable replacement, use `tokenize`.

use chartly_json::Value;

use crate::definition::Definition;
use crate::keyed::{self, Key};
use crate::options::{self, Options};
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

#[derive(Debug)]
struct KeyedDigest(Key);

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(KeyedDigest(Key::new(&options.secret()?))))
}

impl Op for KeyedDigest {
    fn name(&self) -> &'static str {
        "hmac"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let digest = self.0.digest(&[text::of_scalar(&value)?.as_bytes()]);
        text::outcome(keyed::hexadecimal(&digest))
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const KEYED: &str = r#"{"secretRef": {"name": "pii", "key": "key"}}"#;

const EXAMPLES: &[Example] = &[
    Example::returns(r#""jane@example.com""#, r#""7511bdcc54f1065f8f596973114f94de77fb3aa9023df4bb7c3d482469eadc3d""#)
        .with(KEYED),
    Example::fails("[]", Failure::NotAScalar).with(KEYED),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "hmac",
    promise: "A scalar becomes the HMAC-SHA-256 (RFC 2104) of its text under a secret key, as 64 lowercase hexadecimal digits.",
    options: &[options::SECRET],
    examples: EXAMPLES,
    compile,
};
