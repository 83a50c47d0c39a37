"""Decides which numbers a double represents, and their decimal value.

A number with a fraction may also be what ``%.17g`` prints of its nearest double.

The nearest double's shortest digits come from ``repr(float)``, which are ECMAScript's.
"""

import re
from decimal import Context, Decimal

PRINT_DIGITS = 17
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


class Overflow(Exception):
    """A number beyond the largest double."""


class PrecisionLost(Exception):
    """A number that RFC 8785 would write as another number."""


def is_json_number(text: str) -> bool:
    """Return whether text is exactly a JSON number."""
    return _JSON_NUMBER.fullmatch(text) is not None


def surviving(text: str) -> float:
    """Return the double of a JSON number.

    Raises:
        Overflow: the number is beyond the largest double.
        PrecisionLost: the double is written as another decimal.
    """
    mantissa = re.split("[eE]", text)[0]
    if not re.search("[1-9]", mantissa):
        return 0.0
    double = float(text)
    if double in (float("inf"), float("-inf")):
        raise Overflow
    if double == 0 or (Decimal(repr(double)) != Decimal(text) and not _is_faithful_print(double, text)):
        raise PrecisionLost
    return double


def _is_faithful_print(double: float, text: str) -> bool:
    number = Decimal(text).normalize(Context(prec=10_000))
    _, digits, exponent = number.as_tuple()
    has_fraction = isinstance(exponent, int) and exponent < 0
    return has_fraction and len(digits) <= PRINT_DIGITS and Decimal(f"{double:.17g}") == number


def decimal_of(double: float) -> Decimal:
    """Return the decimal that RFC 8785 writes for a double."""
    return Decimal(repr(double))
