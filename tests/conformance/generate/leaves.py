"""Scalars as sources send them: numbers and times as text, valid ones and the usual mistakes.

Functions that return JSON texts, with quotes, say so.
"""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from . import texts
from .named import named

TIMES = (
    *("2026-02-02T12:00:00Z", "2026-02-02t12:00:00.500z", "2026-01-01T00:30:00+01:00", "2024-02-29T23:59:59-23:59", "0000-01-01T00:00:00Z"),
    *("0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59-00:01", "1900-02-29T00:00:00Z", "2026-02-02"),
    *("2026-02-02T12:00:00", "2026-02-02 12:00:00Z", "2026-02-02T24:00:00Z", "2026-06-30T23:59:60Z", "2026-02-02T12:00:00.0000000001Z"),
    *("2026-02-02T12:00:00+24:00", "2026-02-02T12:00:00.Z", "2026-02-02T12:00:00-00:00", "٢٠٢٦-02-02T12:00:00Z"),
)
NUMERIC = (
    "19.99",
    "1E2",
    "+5",
    " 12",
    "12 ",
    "007",
    "1_000",
    "0x10",
    ".5",
    "5.",
    "",
    "NaN",
    "1e400",
    "9007199254740993",
    "-0",
    "\uff11\uff12",
)


@named
def times() -> SearchStrategy[str]:
    """Draw a date-time's text, mostly a valid one."""
    number = st.integers
    fraction = st.just("") | st.text("0123456789", min_size=1, max_size=10).map(".".__add__)
    offset = st.sampled_from(["Z", "z", "+00:00", "-00:00"]) | st.tuples(st.sampled_from("+-"), number(0, 24), number(0, 60)).map(
        lambda parts: f"{parts[0]}{parts[1]:02}:{parts[2]:02}"
    )
    fields = st.tuples(number(0, 9999), number(0, 13), number(0, 32), number(0, 24), number(0, 60), number(0, 60))
    stamp = fields.map(lambda parts: "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*parts))
    return st.sampled_from(TIMES) | st.tuples(stamp, fraction, offset).map("".join)


@named
def sound_times() -> SearchStrategy[str]:
    """Draw a valid date-time's text."""
    moment = st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds"))
    offset = st.one_of(st.just("Z"), st.just("+00:00"), st.sampled_from(["+05:30", "-08:00", "+23:59", "-23:59"]))
    fraction = st.one_of(st.just(""), st.just(""), st.text("0123456789", min_size=1, max_size=9).map(".".__add__))
    return st.tuples(moment, fraction, offset).map("".join)


@named
def sound_numbers() -> SearchStrategy[str]:
    """Draw a number's text that a double represents."""
    cents = st.integers(0, 10**7).map(lambda cents: f"{cents // 100}.{cents % 100:02}")
    return st.one_of(cents, cents, st.integers(-(2**53), 2**53).map(str), st.floats(allow_nan=False, allow_infinity=False).map(repr))


@named
def written() -> SearchStrategy[str]:
    """Draw a JSON scalar, often a time or a number as a string."""
    content = st.one_of(times(), st.sampled_from(NUMERIC), texts.number_texts())
    return st.one_of(texts.scalars(), texts.string_texts(content), texts.string_texts(content))


@named
def aimed(aim: str) -> SearchStrategy[str]:
    """Draw a JSON scalar that an op mostly accepts."""
    match aim:
        case "toNumber":
            sound = st.one_of(texts.string_texts(sound_numbers()), texts.string_texts(sound_numbers()), sound_numbers())
        case "toUtcTimestamp":
            sound = texts.string_texts(sound_times())
        case _:
            sound = st.one_of(sound_numbers(), texts.string_texts(), st.sampled_from(["true", "false"]))
    edge = st.sampled_from(texts.EDGE_NUMBERS)
    return st.one_of(sound, sound, sound, sound, sound, sound, written(), edge, texts.string_texts(edge))
