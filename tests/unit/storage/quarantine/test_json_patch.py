"""JSON Patch and JSON Merge Patch follow their RFCs and keep all digits."""

import json

import pytest

from chartly.storage.quarantine.json_patch import PatchRefused, merged, patched
from chartly.storage.quarantine.states import precedence

# RFC 6902, appendix A.
PATCHES = [
    ('{"foo":"bar"}', '[{"op":"add","path":"/baz","value":"qux"}]', '{"foo":"bar","baz":"qux"}'),
    ('{"foo":["bar","baz"]}', '[{"op":"add","path":"/foo/1","value":"qux"}]', '{"foo":["bar","qux","baz"]}'),
    ('{"baz":"qux","foo":"bar"}', '[{"op":"remove","path":"/baz"}]', '{"foo":"bar"}'),
    ('{"foo":["bar","qux","baz"]}', '[{"op":"remove","path":"/foo/1"}]', '{"foo":["bar","baz"]}'),
    ('{"baz":"qux","foo":"bar"}', '[{"op":"replace","path":"/baz","value":"boo"}]', '{"baz":"boo","foo":"bar"}'),
    (
        '{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}',
        '[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]',
        '{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}',
    ),
    ('{"foo":["all","grass","cows","eat"]}', '[{"op":"move","from":"/foo/1","path":"/foo/3"}]', '{"foo":["all","cows","eat","grass"]}'),
    ('{"baz":"qux","foo":["a",2,"c"]}', '[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2.0}]', None),
    ('{"foo":"bar"}', '[{"op":"add","path":"/child","value":{"grandchild":{}}}]', '{"foo":"bar","child":{"grandchild":{}}}'),
    ('{"foo":["bar"]}', '[{"op":"add","path":"/foo/-","value":["abc","def"]}]', '{"foo":["bar",["abc","def"]]}'),
    ('{"/":9,"~1":10}', '[{"op":"test","path":"/~01","value":10}]', None),
    ('{"a":{"b":1}}', '[{"op":"copy","from":"/a","path":"/c"}]', '{"a":{"b":1},"c":{"b":1}}'),
]
REFUSED = [
    '[{"op":"test","path":"/baz","value":"bar"}]',
    '[{"op":"add","path":"/baz/bat","value":"qux"}]',
    '[{"op":"test","path":"/foo","value":"10"}]',
    '[{"op":"move","from":"/list","path":"/list/0"}]',
    '[{"op":"replace","path":"/list/01","value":1}]',
    '[{"op":"add","path":"foo","value":1}]',
    '[{"op":"add","path":"/x"}]',
    '[{"op":"spam","path":"/foo","value":1}]',
    '[{"op":"remove","path":""}]',
    "[1]",
    "{}",
    "nonsense",
]
# RFC 7396, appendix A.
MERGES = [
    ('{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
    ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
    ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
    ("[1,2]", '{"a":"b","c":null}', '{"a":"b"}'),
    ("{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'),
]


@pytest.mark.parametrize(("document", "patch", "expected"), PATCHES)
def test_patch_of_the_rfc(document: str, patch: str, expected: str | None) -> None:
    """The examples of RFC 6902 have the results that it states."""
    assert json.loads(patched(document, patch)) == json.loads(expected or document)


@pytest.mark.parametrize("patch", REFUSED)
def test_patch_that_does_not_fit(patch: str) -> None:
    """A malformed or inapplicable operation is refused."""
    with pytest.raises(PatchRefused):
        patched('{"foo":10,"list":[[1]]}', patch)


@pytest.mark.parametrize(("document", "patch", "expected"), MERGES)
def test_merge_of_the_rfc(document: str, patch: str, expected: str) -> None:
    """The examples of RFC 7396 have the results that it states."""
    assert json.loads(merged(document, patch)) == json.loads(expected)


def test_digits_are_kept() -> None:
    """Numbers beyond doubles keep all digits, in changed and in unchanged members."""
    record = '{"big":9007199254740993,"price":1.10,"name":"ä"}'

    assert (
        merged(record, '{"more":0.30000000000000000004}')
        == '{"big":9007199254740993,"price":1.10,"name":"ä","more":0.30000000000000000004}'
    )


def test_duplicate_key_is_refused() -> None:
    """A document or patch with a duplicate key is refused."""
    with pytest.raises(PatchRefused):
        merged('{"a":1,"a":2}', "{}")


def test_versions_are_ordered_as_semver_says() -> None:
    """Versions are ordered as in semver.org's example, without build metadata."""
    prereleases = [f"1.0.0-{name}" for name in ("alpha", "alpha.1", "alpha.beta", "beta", "beta.2", "beta.11", "rc.1")]
    versions = [*prereleases, "1.0.0", "1.2.0", "1.10.0"]

    assert sorted(versions, key=precedence) == versions
    assert precedence("1.0.0+a") == precedence("1.0.0+b")
