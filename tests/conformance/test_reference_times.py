"""Ops on times compared with Python's ``datetime`` and ``zoneinfo``."""

import datetime as dt
import itertools
import json
import re
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from generate import examples, leaves
from hypothesis import given
from hypothesis import strategies as st
from ops import FAILED, LOST, apply
from reference.transforms import TransformFailed, to_utc_timestamp

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
UNITS = {"s": 0, "ms": -3, "us": -6, "ns": -9}
# Zones with jumps of an hour, of half an hour, none since long, and one that skipped a day; rules of past years don't change.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo", "UTC")
PAST = st.datetimes(dt.datetime(1975, 1, 1), dt.datetime(2024, 1, 1))  # noqa: DTZ001 - wall clocks, whose zone is the question


def utc_text(moment: dt.datetime) -> str:
    """Return a moment of whole microseconds as the op writes it."""
    utc = moment.astimezone(dt.UTC)
    fraction = f".{utc.microsecond:06}".rstrip("0") if utc.microsecond else ""
    return f"{utc.year:04}-{utc:%m-%dT%H:%M:%S}{fraction}Z"


def slow(text: str) -> Any:
    """Return the reference's result."""
    try:
        return to_utc_timestamp(text)
    except TransformFailed:
        return (FAILED,)


@examples(150)
@given(st.lists(leaves.times() | leaves.sound_times(), min_size=1, max_size=30))
def test_rfc_3339_is_read_as_written(times: list[str]) -> None:
    """Every date-time is read or refused as by ``datetime``."""
    assert apply({"op": "toUtcTimestamp"}, [json.dumps(text) for text in times]) == [slow(text) for text in times]


@st.composite
def bent_times(draw: st.DrawFn) -> str:
    """Draw a date-time with one character more, less or changed."""
    text = draw(leaves.sound_times())
    at = draw(st.integers(0, len(text)))
    return (
        text[:at]
        + draw(st.sampled_from(["", "0", "9", ":", "-", "+", "Z", "z", "T", "t", " ", ".", "٣", "/"]))
        + text[at + draw(st.integers(0, 1)) :]
    )


@examples(150)
@given(st.lists(bent_times(), min_size=1, max_size=30))
def test_other_texts_are_no_moments(times: list[str]) -> None:
    """A date-time with a changed character is read or refused as by the reference."""
    assert apply({"op": "toUtcTimestamp"}, [json.dumps(text) for text in times]) == [slow(text) for text in times]


@examples(100)
@given(st.lists(st.integers(-62_167_219_200 * 10**9, 253_402_300_799 * 10**9), min_size=1, max_size=20), st.sampled_from(sorted(UNITS)))
def test_an_epoch_is_counted_from_1970(nanoseconds: list[int], unit: str) -> None:
    """A number of a unit, with its fraction, gives an instant of up to nine digits."""
    expected: list[str] = []
    for count in nanoseconds:
        seconds, rest = divmod(count, 10**9)
        # datetime has no year 0; 400 years later the calendar is the same.
        shift = 400 if seconds < -62_135_596_800 else 0
        moment = EPOCH + dt.timedelta(seconds=seconds + shift * 31_556_952)
        fraction = f".{rest:09}".rstrip("0") if rest else ""
        expected.append(f"{moment.year - shift:04}-{moment:%m-%dT%H:%M:%S}{fraction}Z")
    numbers = [format(Decimal(count).scaleb(-9 - UNITS[unit]), "f") for count in nanoseconds]
    assert apply({"op": "toUtcTimestamp", "from": "epoch", "unit": unit}, numbers) == expected
    assert apply({"op": "toUtcTimestamp", "from": "epoch", "unit": unit}, [json.dumps(number) for number in numbers]) == expected


def test_an_epoch_beyond_years_or_nanoseconds_is_refused() -> None:
    """The first instant after 9999 and the last before 0000 are refused; a tenth digit is a loss of precision."""
    values = ["253402300800", "-62167219201", "1e300", "0.0000000001", '"1_000"', '" 1"', '"2026-01-01T00:00:00Z"', "true"]
    assert apply({"op": "toUtcTimestamp", "from": "epoch", "unit": "s"}, values) == [
        *[(FAILED,)] * 3,
        (LOST,),
        *[(FAILED,)] * 4,
    ]


def moments(local: dt.datetime, zone: ZoneInfo) -> list[dt.datetime]:
    """Return the instants at which a zone's clocks show a time: none in a gap, two in a fold."""
    both = [local.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1)]
    return sorted({moment for moment in both if moment.astimezone(zone).replace(tzinfo=None) == local})


def chosen(local: dt.datetime, zone: ZoneInfo, rule: str) -> Any:
    """Return the instant by a rule for gaps and folds."""
    shown = moments(local, zone)
    if len(shown) == 1:
        return utc_text(shown[0])
    if rule == "reject":
        return (FAILED,)
    # In a gap, the clock before and the clock after give the two moments between which the time was skipped.
    either = shown or sorted(local.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    return utc_text(either[0] if rule == "earlier" else either[1])


@examples(150)
@given(st.lists(PAST, min_size=1, max_size=20), st.sampled_from(ZONES), st.sampled_from(["reject", "earlier", "later"]))
def test_local_times_follow_their_zone(locals_: list[dt.datetime], name: str, rule: str) -> None:
    """A local time is the instant at which the zone's clocks show it, by the rule if there are none or two."""
    texts = [json.dumps(local.isoformat()) for local in locals_]
    expected = [chosen(local, ZoneInfo(name), rule) for local in locals_]
    assert apply({"op": "toUtcTimestamp", "zone": name, "gap": rule, "fold": rule}, texts) == expected


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("rule", ["reject", "earlier", "later"])
def test_gaps_and_folds_follow_the_rule(name: str, rule: str) -> None:
    """Each quarter of an hour around each change of a zone's clocks, 2010 to 2013, follows the rule."""
    zone = ZoneInfo(name)
    hours = [dt.datetime(2010, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hour) for hour in range(4 * 8766)]
    changes = [
        after for before, after in itertools.pairwise(hours) if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()
    ]
    quarters = [dt.timedelta(minutes=15 * quarter) for quarter in range(-100, 101)]
    around = {change.astimezone(zone).replace(tzinfo=None) + quarter for change in changes for quarter in quarters}
    locals_ = sorted(around) or [dt.datetime(2011, 1, 1)]  # noqa: DTZ001 - a wall clock
    expected = [chosen(local, zone, rule) for local in locals_]
    assert (
        apply({"op": "toUtcTimestamp", "zone": name, "gap": rule, "fold": rule}, [json.dumps(local.isoformat()) for local in locals_])
        == expected
    )


PATTERNS = ("%d/%m/%Y %H:%M:%S", "%Y%m%d%H%M%S", "%Y-%m-%d %I:%M:%S %p", "%d %b %Y %H:%M", "%A, %B %d, %Y", "%Y-%jT%H", "%m/%d/%y")


@examples(100)
@given(st.lists(PAST, min_size=1, max_size=20), st.sampled_from(PATTERNS))
def test_patterns_read_what_strftime_writes(locals_: list[dt.datetime], pattern: str) -> None:
    """A pattern reads what ``strftime`` writes by it; a part that the pattern lacks is zero."""
    written = [local.strftime(pattern) for local in locals_]
    expected = [utc_text(dt.datetime.strptime(text, pattern).replace(tzinfo=dt.UTC)) for text in written]
    quoted = [json.dumps(text) for text in written]
    assert apply({"op": "toUtcTimestamp", "patterns": [pattern], "zone": "UTC"}, quoted) == expected
    assert apply({"op": "toDate", "patterns": [pattern]}, quoted) == [text[:10] for text in expected]


@examples(100)
@given(st.lists(leaves.sound_times(), min_size=1, max_size=20), st.sampled_from(ZONES))
def test_a_moment_is_a_day_by_its_zone(times: list[str], name: str) -> None:
    """``toDate`` with a zone returns the day of the zone's calendar."""
    sound = [text for text in times if re.match("19[89]|20[01]", text)]
    expected = [dt.datetime.fromisoformat(slow(text)[:19] + "+00:00").astimezone(ZoneInfo(name)).date().isoformat() for text in sound]
    assert apply({"op": "toDate", "zone": name}, [json.dumps(text) for text in sound]) == expected
