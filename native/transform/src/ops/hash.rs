//! `hash`: the SHA-256 of a scalar's text, in hexadecimal.
//!
//! It has no key, so values from a small set can be guessed. For those, use `hmac`.

use chartly_json::Value;
use sha2::{Digest, Sha256};

use crate::definition::Definition;
use crate::options::Options;
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, keyed, text};

#[derive(Debug)]
struct Hash;

fn compile(_: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    Ok(Box::new(Hash))
}

impl Op for Hash {
    fn name(&self) -> &'static str {
        "hash"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let digest = Sha256::digest(text::of_scalar(&value)?.as_bytes());
        text::outcome(keyed::hexadecimal(&digest))
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""abc""#, r#""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#),
    Example::returns("100.0", r#""ad57366865126e55649ecb23ae1d48887544976efea46a48eb5d85a6eeb4d306""#),
    Example::fails("[]", Failure::NotAScalar),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "hash",
    promise: "A scalar becomes the SHA-256 of its text (as `toString` writes it, in UTF-8) as 64 lowercase hexadecimal digits. \
              It does not protect personal data: use `hmac` or `tokenize` for that.",
    options: &[],
    examples: EXAMPLES,
    compile,
};
