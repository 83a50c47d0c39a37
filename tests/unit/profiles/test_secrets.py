"""Literal secrets in documents are found by key, place and form, and are never shown."""

import time

import pytest

from chartly.profiles.secrets import secret_violations
from chartly.profiles.violation import Violation
from chartly.profiles.yaml_reader import read_yaml

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl"


def found_in(text: str) -> list[Violation]:
    """Return the suspected secrets in a text."""
    value, places = read_yaml(text, "file.yaml")
    return secret_violations(text, value, places)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("token: abc", "/token"),
        ("accessToken: abc", "/accessToken"),
        ("API_KEY: abc", "/API_KEY"),
        ("X-API-Key: abc", "/X-API-Key"),
        ("spec: {auth: {password: hunter2}}", "/spec/auth/password"),
        ("spec: {auth: {password: 12345}}", "/spec/auth/password"),
        ("headers: {Authorization: whatever}", "/headers/Authorization"),
        ("headers: {Cookie: a=b}", "/headers/Cookie"),
        ("list: [{clientSecret: abc}]", "/list/0/clientSecret"),
        ('url: "https://user:pass@example.invalid/"', "/url"),
        ('url: "postgres://:pass@example.invalid/db"', "/url"),
        ('path: "/v1?api_key=abcdef"', "/path"),
        ('note: "Bearer abcdefghijklmnop"', "/note"),
        ("note: AKIAABCDEFGHIJKLMNOP", "/note"),
        ("note: ghp_abcdefghijklmnopqrst", "/note"),
        ("note: xoxb-1234567890-abc", "/note"),
        ("note: sk_live_abcdefghijkl", "/note"),
        (f"note: {JWT}", "/note"),
        ('note: "-----BEGIN RSA PRIVATE KEY-----"', "/note"),
    ],
)
def test_secret_is_found_at_its_place(text: str, path: str) -> None:
    """A key that names a secret, or a value with the form of one, is refused with its place."""
    (found,) = found_in(text)

    assert (found.path, found.rule, found.line) == (path, "secret-in-clear", 1)


def test_secret_in_a_comment_is_found() -> None:
    """A secret in a comment is found, since the document is stored with its comments."""
    (found,) = found_in("a: b\n# old key: AKIAABCDEFGHIJKLMNOP\n")

    assert (found.line, found.rule) == (2, "secret-in-clear")


@pytest.mark.parametrize(
    "text",
    [
        "auth: {secretRef: {name: sales-http, key: token}}",
        "spec: {mapping: {token: $.token, password: $.user.password}}",
        "pagination: {requestParam: token}",
        "token: null",
        "secret: ''",
        "secret: true",
        "token: ${TOKEN}",
        'url: "https://example.invalid/users:all"',
        'url: "https://example.invalid/?cursor=abc"',
        'path: "$.token"',
        "description: A bearer of good news",
    ],
)
def test_references_to_secrets_pass(text: str) -> None:
    """References, queries, names and words about secrets pass."""
    assert found_in(text) == []


@pytest.mark.parametrize("secret", ["hunter2hunter2", JWT, "AKIAABCDEFGHIJKLMNOP"])
def test_violation_never_shows_the_secret(secret: str) -> None:
    """The violation's message does not contain the secret."""
    found = found_in(f"password: {secret}\nother: https://u:{secret}@example.invalid/\n")
    assert len(found) == 2
    assert secret not in str(found)


@pytest.mark.parametrize("unit", ["a", "eyJaaaaaaaa-", "?token=", "bearer ", "-----BEGIN A ", "SG.", "a:b", "://", "0.", "sk-"])
def test_long_lines_cost_linear_time(unit: str) -> None:
    """The time of the search is linear in the length of a line."""
    line = "# " + unit * (250_000 // len(unit))
    started = time.process_time()
    found_in(f"a: b\n{line}\n")

    assert time.process_time() - started < 3
