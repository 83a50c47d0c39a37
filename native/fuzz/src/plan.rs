//! A profile, a contract, and on the next lines any input: the fused and the complete engine agree.

use crate::engines::Engines;
use crate::parts::split;

/// Profiles that use every part of the language, each with a contract and an input.
const SEEDS: &[[&str; 3]] = &[
    [
        r#"{"canonicalEventType":"t","mapping":{"id":"$.id","amount":{"path":"$.a.b","transforms":[{"op":"toNumber"}]},"when":{"path":"$.when","transforms":[{"op":"toUtcTimestamp"}]}},"requiredFields":["id"]}"#,
        r#"{"type":"object","required":["id"],"properties":{"id":{"type":"string","minLength":1},"amount":{"type":"number","minimum":0}},"additionalProperties":true}"#,
        "{\"id\":\"x\",\"a\":{\"b\":\"19.90\"},\"when\":\"2026-02-02t01:30:00.500+02:00\"}\n{\"id\":\"\",\"a\":{\"b\":-1}}\r\n\n{\"id\":null}\n[1]\n{\"id\":\"x\",\"id\":\"y\"}",
    ],
    [
        r#"{"canonicalEventType":"t","recordsPath":"$.data[*]","mapping":{"n":{"path":"$.n","default":7},"all":{"path":"$..x","collect":true},"k":{"path":"$.k","keepNull":true},"c":{"const":"é"}},"dedupe":{"keys":["n"]}}"#,
        r#"{"properties":{"n":{"type":["integer","null"]},"all":{"type":"array","items":{"type":"number"},"maxItems":3},"k":true,"c":{"type":"string"},"type":{"const":"t"}},"additionalProperties":false}"#,
        "{\"before\":[{}],\"data\":[{\"n\":1,\"x\":2,\"k\":null},{\"k\":{\"x\":[1e400]}},\n{\"n\":9007199254740993}],\"after\":0}",
    ],
    [
        r#"{"canonicalEventType":"t","explode":"$.items[*]","mapping":{"order":"$.id","sku":"@.sku","price":{"path":"@.price","transforms":[{"op":"toDecimal","precision":10,"scale":2}]}},"requiredFields":["sku"]}"#,
        r#"{"type":"object","properties":{"price":{"type":"string"},"sku":{"enum":["a","b",1]}}}"#,
        "{\"id\":1,\"items\":[{\"sku\":\"a\",\"price\":\"1.005\"},{\"sku\":\"z\"},{},3]}\n{\"items\":[]}\n{\"items\":{\"sku\":\"b\"}}",
    ],
    [
        r#"{"canonicalEventType":"t","explode":"$.a.items[*]","mapping":{"id":"$.id","deep":"@.x.y","whole":"@","n":{"path":"@.n","transforms":[{"op":"toNumber"}]},"tags":{"path":"$.tags[*].name","collect":true}}}"#,
        r#"{"type":"object","properties":{"n":{"minimum":1},"tags":{"type":"array","items":{"type":"string"}}}}"#,
        "{\"tags\":[{\"name\":\"p\"},{\"name\":\"q\"},4],\"a\":{\"items\":[{\"x\":{\"y\":[true]},\"n\":\"2\"},[],{\"n\":0}]},\"id\":\"k\"}",
    ],
    [
        r#"{"canonicalEventType":"t","mapping":{"a":"$.a[0]","b":"$.a[1].b","o":"$.o","name":{"transforms":[{"op":"template","template":"{a}-{b}"}]}},"transforms":[{"op":"coalesce","field":"b","fields":["a"]}],"limits":{"depthMax":4,"recordBytesMax":200}}"#,
        r#"{"type":"object","properties":{"o":{"type":["object","array"],"uniqueItems":true,"maxProperties":2},"a":{"multipleOf":0.05}}}"#,
        "{\"a\":[0.15,{\"b\":\"\\ud83d\\ude00\"}],\"o\":{\"z\":[1,1],\"y\":{}}}\n{\"a\":[[[[1]]]]}\n{\"a\":[\"\\ud83d\"]}",
    ],
];

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    SEEDS.iter().map(|parts| parts.join("\n").into_bytes()).collect()
}

pub(crate) fn check(input: &[u8]) {
    let Some([profile, contract, records]) = split(input) else { return };
    if let Some(engines) = Engines::of(profile, contract) {
        engines.agree(records);
    }
}

#[cfg(test)]
mod tests {
    use super::{Engines, SEEDS};

    /// Every seed compiles; otherwise it would reach nothing.
    #[test]
    fn seeds_compile() {
        for [profile, contract, _] in SEEDS {
            assert!(Engines::of(profile.as_bytes(), contract.as_bytes()).is_some(), "{profile}");
        }
    }
}
