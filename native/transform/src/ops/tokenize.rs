//! `tokenize`: a short token for a value, always the same one, made with a secret key.
//!
//! It stores no tokens: none can be converted back to its value, and none is random.

use chartly_json::Value;

use crate::definition::Definition;
use crate::keyed::{self, Key};
use crate::options::{self, Options};
use crate::{Example, Failure, Fields, Op, OpError, Outcome, ResultType, text};

/// Makes tokens differ from `hmac`'s digests under the same key. The version changes with the construction.
const DOMAIN: &[u8] = b"chartly/tokenize/v1\0";

/// 128 bits: among 2^50 values, the chance that two share a token is below one in 2^28.
const TOKEN_BYTES: usize = 16;

#[derive(Debug)]
struct Tokenize {
    key: Key,
    prefix: Box<str>,
    scope: Box<[u8]>,
}

fn compile(options: &Options<'_>) -> Result<Box<dyn Op>, OpError> {
    const PREFIX_BYTES_MAX: usize = 32;
    let prefix = options.text("prefix")?.unwrap_or("tok_");
    if prefix.len() > PREFIX_BYTES_MAX {
        return Err(options.bad("prefix", format!("text of at most {PREFIX_BYTES_MAX} bytes")));
    }
    let scope = options.text("scope")?.unwrap_or_default();
    if scope.contains('\0') {
        return Err(options.bad("scope", "text without U+0000"));
    }
    let key = Key::new(&options.secret()?);
    Ok(Box::new(Tokenize { key, prefix: prefix.into(), scope: scope.as_bytes().into() }))
}

impl Op for Tokenize {
    fn name(&self) -> &'static str {
        "tokenize"
    }

    fn apply<'a>(&self, value: Value<'a>, _: &dyn Fields<'a>) -> Result<Outcome<'a>, Failure> {
        let digest = self.key.digest(&[DOMAIN, &self.scope, b"\0", text::of_scalar(&value)?.as_bytes()]);
        text::outcome(format!("{}{}", self.prefix, keyed::hexadecimal(&digest[..TOKEN_BYTES])))
    }

    fn result_type(&self) -> ResultType {
        ResultType::Text
    }
}

const EXAMPLES: &[Example] = &[
    Example::returns(r#""jane@example.com""#, r#""tok_b6988a085aea9289d3daca58940ffb3f""#)
        .with(r#"{"secretRef": {"name": "pii", "key": "key"}}"#),
    Example::returns(r#""jane@example.com""#, r#""c-a096ae24eddb71ae28ca4038f556f9bd""#)
        .with(r#"{"secretRef": {"name": "pii", "key": "key"}, "scope": "crm", "prefix": "c-"}"#),
    Example::fails("{}", Failure::NotAScalar).with(r#"{"secretRef": {"name": "pii", "key": "key"}}"#),
];

pub(crate) const DEFINITION: Definition = Definition {
    name: "tokenize",
    promise: "A scalar becomes a token: a prefix and the first 128 bits, in hexadecimal, of the HMAC-SHA-256 of \
              `chartly/tokenize/v1`, the scope and its text, separated by zero bytes. Equal values have equal tokens within a scope.",
    options: &[
        options::SECRET,
        ("prefix", "the start of tokens, at most 32 bytes; default `tok_`"),
        ("scope", "a name within which tokens can be joined; default one scope for all"),
    ],
    examples: EXAMPLES,
    compile,
};
