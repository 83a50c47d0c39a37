"""The formats that Python checks on documents, and those that a contract may name. The compiled core checks the formats of records."""

import re
from datetime import date

from jsonschema import FormatChecker

# RFC 3339 §5.6: the offset is required, seconds reach 59 (a leap second names an instant that no column holds).
_DATE_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII)
_FULL_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
# The year 0000 is a leap year in the proleptic calendar of RFC 3339, and Python's dates begin with 1.
_LEAP_YEAR = 2000

STANDARD_FORMATS = frozenset(
    (
        "date-time",
        "date",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uuid",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
        "regex",
    )
)
"""The formats of JSON Schema 2020-12, all asserted by the compiled core."""

FORMATS = FormatChecker(formats=())
"""Checks ``date-time`` and ``date``, the only formats that the packaged contracts name."""


@FORMATS.checks("date")
def is_date(value: object) -> bool:
    """Return whether text is an RFC 3339 full-date; other types pass, as JSON Schema says."""
    if not isinstance(value, str):
        return True
    found = _FULL_DATE.fullmatch(value)
    if found is None:
        return False
    year, month, day = (int(part) for part in found.groups())
    try:
        date(year or _LEAP_YEAR, month, day)
    except ValueError:
        return False
    return True


@FORMATS.checks("date-time")
def is_date_time(value: object) -> bool:
    """Return whether text is an RFC 3339 date-time; other types pass, as JSON Schema says."""
    if not isinstance(value, str):
        return True
    found = _DATE_TIME.fullmatch(value)
    return found is not None and is_date(found[1])
