"""Plain scalars by YAML 1.2's core schema."""

import pytest

from chartly.profiles.core_schema import NotJson, plain_scalar


@pytest.mark.parametrize("word", ["no", "No", "on", "off", "yes", "y", "n", "12:30:00", "1_000", "0b11", "1.0.0", "0o8", ".", "-", "1e"])
def test_what_yaml_1_1_would_change_stays_text(word: str) -> None:
    """A country code, a time or a version, which YAML 1.1 would convert, is read as its text."""
    assert plain_scalar(word) == word


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("true", True),
        ("FALSE", False),
        ("0", 0),
        ("-12", -12),
        ("+12", 12),
        ("0o17", 15),
        ("0xff", 255),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("-1.5E-3", -0.0015),
        ("9007199254740991", 9007199254740991),
    ],
)
def test_json_values_are_read(text: str, value: object) -> None:
    """Null, booleans, integers and floats of the core schema are read as JSON values."""
    read = plain_scalar(text)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (".nan", "not-json"),
        (".inf", "not-json"),
        ("-.INF", "not-json"),
        ("2026-02-02", "unquoted-timestamp"),
        ("2026-02-02T12:00:00Z", "unquoted-timestamp"),
        ("2026-2-2 12:00:00", "unquoted-timestamp"),
        ("010", "leading-zero"),
        ("-007", "leading-zero"),
        ("9007199254740992", "number-too-large"),
        ("0x20000000000000", "number-too-large"),
        ("1" * 500, "number-too-large"),
        ("1e400", "number-too-large"),
    ],
)
def test_what_json_cannot_hold_is_refused(text: str, rule: str) -> None:
    """A scalar that JSON can't represent, or that readers disagree on, is refused with its rule."""
    read = plain_scalar(text)

    assert isinstance(read, NotJson)
    assert read.rule == rule
