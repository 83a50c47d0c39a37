"""Read plain scalars by YAML 1.2's core schema, without the values that JSON lacks. It handles one scalar at a time.

YAML 1.1, which PyYAML implements, reads ``no`` as false, ``12:30:00`` as 45000 and ``2026-02-02`` as a date. A country code, a time or
a day of a profile must not depend on that. https://yaml.org/spec/1.2.2/#103-core-schema
"""

import re
from dataclasses import dataclass

from .limits import INTEGER_MAX

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OCTAL_OR_HEXADECIMAL = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_NUMBER = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_A_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?", re.ASCII)
# Python's conversion is slow above this many digits, and no bound of the profile language is that large.
_DIGITS_MAX = 400

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class NotJson:
    """A scalar without a JSON value, or whose value JSON numbers can't hold exactly."""

    rule: str
    message: str


def plain_scalar(text: str) -> Scalar | NotJson:
    """Return the value of an unquoted scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return _number(text)
    if _NOT_A_NUMBER.fullmatch(text):
        return NotJson("not-json", "is not a JSON number: JSON has no NaN or infinity")
    if _TIMESTAMP.fullmatch(text):
        return NotJson("unquoted-timestamp", "looks like a date, which other YAML readers change: put it in quotes")
    return text


def _number(text: str) -> int | float | NotJson:
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _OCTAL_OR_HEXADECIMAL.fullmatch(text):
        return _within(int(text, 0)) if len(text) <= _DIGITS_MAX else _too_large()
    return _float(text)


def _integer(text: str) -> int | NotJson:
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits.startswith("0"):
        return NotJson("leading-zero", "is octal to some YAML readers and decimal to others: drop the zero, or put it in quotes")
    return _within(int(text)) if len(digits) <= _DIGITS_MAX else _too_large()


def _within(number: int) -> int | NotJson:
    return number if abs(number) <= INTEGER_MAX else _too_large()


def _too_large() -> NotJson:
    return NotJson("number-too-large", "is beyond 2^53 - 1 and would lose digits as a JSON number: put it in quotes")


def _float(text: str) -> float | NotJson:
    number = float(text) if len(text) <= _DIGITS_MAX else float("inf")
    if number in (float("inf"), float("-inf")):
        return NotJson("number-too-large", "is beyond the range of a double: put it in quotes")
    return number
