"""A contract checked by the ``jsonschema`` package, with numbers as exact decimals and ``format`` asserted.

It fetches nothing and knows no resources: a contract of the tests has no references to others.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType]

from .transforms import TransformFailed, to_utc_timestamp

# Wide enough for any quotient of two doubles' decimals.
_EXACT = Context(prec=700)


@dataclass(frozen=True, order=True)
class Violation:
    """A keyword that fails at a place."""

    instance_path: str
    schema_path: str


def _is_number(_: object, value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _is_integer(_: object, value: object) -> bool:
    return _is_number(_, value) and cast("Decimal", value) % 1 == 0


def _multiple_of(validator: Any, divisor: Decimal, value: object, _: object) -> Iterator[ValidationError]:
    if validator.is_type(value, "number") and _EXACT.remainder(Decimal(cast("Decimal", value)), Decimal(divisor)) != 0:
        yield ValidationError("not a multiple")


_CHECKER = FormatChecker(formats=[])


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    # RFC 3339 bounds no fraction; the transform does, at nine digits.
    value = re.sub(r"(\.[0-9]{9})[0-9]+", r"\1", value)
    leap = re.fullmatch(r"(.{17})60(.*)", value)
    if leap is not None:
        value = f"{leap[1]}59{leap[2]}"
    try:
        utc = to_utc_timestamp(value)
    except TransformFailed:
        # An instant just outside 0000-9999 in UTC is still a date-time.
        return leap is None and bool(re.match(r"0000-01-01|9999-12-31", value)) and _is_date_time("2000" + value[4:])
    return leap is None or utc[11:19] == "23:59:59"


_CHECKER.checks("date-time")(_is_date_time)


def fits_column(value: str, kind: str) -> bool:
    """Return whether a column of a table holds a date or an instant: in UTC, in the years 0001 to 9999. Other texts pass."""
    if kind == "date":
        return not value.startswith("0000") or not _CHECKER.conforms(value, "date")
    if not _is_date_time(value):
        return True
    leap = re.fullmatch(r"(.{17})60(.*)", value)
    if leap is not None:
        return not to_utc_timestamp(f"{leap[1]}59{leap[2]}").startswith(("9999-12-31", "0000"))
    try:
        return not to_utc_timestamp(re.sub(r"(\.[0-9]{9})[0-9]+", r"\1", value)).startswith("0000")
    except TransformFailed:
        return False


_Validator: Callable[..., Any] = extend(  # pyright: ignore[reportUnknownVariableType]
    Draft202012Validator,
    validators={"multipleOf": _multiple_of},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": _is_integer}),
)


def pointer(path: Iterable[str | int]) -> str:
    """Return a path as a JSON Pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def violations(schema: Mapping[str, Any], instance: object) -> set[Violation]:
    """Return the violations of an instance, with numbers as ``Decimal``."""
    exact_schema = json.loads(json.dumps(schema), parse_float=Decimal)
    validator = _Validator(exact_schema, format_checker=_CHECKER)
    found: set[Violation] = set()
    for error in validator.iter_errors(instance):
        found.add(Violation(pointer(error.absolute_path), pointer(error.absolute_schema_path)))
    return found
