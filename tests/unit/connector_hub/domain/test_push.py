"""The rules of a push: media type, records, cuts, bounds, versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartly.connector_hub.domain.inbox_bounds import BoundsOfInbox, Depth, InboxBounds
from chartly.connector_hub.domain.push import NDJSON, count_records, media_type
from chartly.connector_hub.errors import InboxFull
from chartly.platform.json.lines import Cutter, LineTooLong
from chartly.profiles import Reference


@pytest.mark.parametrize(
    ("content_type", "media"),
    [
        ("", NDJSON),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("application/cloudevents+json", "application/cloudevents+json"),
        ("application/jsonl", "application/jsonl"),
        ("text/plain", ""),
        ("application/octet-stream", ""),
    ],
)
def test_media_type(content_type: str, media: str) -> None:
    """JSON and JSON lines are accepted in any case, with any parameters."""
    assert media_type(content_type) == media


@pytest.mark.parametrize(
    ("body", "media", "records"),
    [
        (b'{"a":1}\n{"a":2}\n', NDJSON, 2),
        (b'{"a":1}\r\n\r\n{"a":2}\r\n', NDJSON, 2),
        (b'\n \t\n{"a":1}', NDJSON, 1),
        (b"[1,\n2]", NDJSON, 2),
        (b"[1,\n2, 3]", "application/json", 3),
        (b'{"a":\n1}', "application/json", 1),
        (b'{"a":\n1', "application/json", 2),
        (b"[" * 100_000, "application/json", 1),
        (b'{"a":1}\n{"a":2}', "application/json", 2),
    ],
)
def test_records_by_framing(body: bytes, media: str, records: int) -> None:
    """The records of a body are elements, lines or one object; malformed JSON is counted by lines."""
    assert count_records(body, media) == records


@pytest.mark.parametrize("piece", [1, 3, 7, 64, 1_000])
def test_cuts_depend_on_the_bytes_alone(piece: int) -> None:
    """A stream has the same pages however it is split into messages; pages end at line ends, and no byte is lost."""
    body = b"".join(b"%d\n" % number ** (number % 4 + 1) for number in range(60)) + b"the last"
    cutter = Cutter(40, 200, 1_000)
    pages = [page for start in range(0, len(body), piece) for page in cutter.feed(body[start : start + piece])]
    whole = Cutter(40, 200, 1_000)

    assert pages == list(whole.feed(body))
    assert b"".join(pages) + b"".join(cutter.rest()) == body
    assert all(page.endswith(b"\n") for page in pages)
    assert max(map(len, pages)) <= 40


def test_long_line_is_a_page_of_its_own_up_to_its_bound() -> None:
    """A line that is longer than a page is a page of its own; one that is longer than a push is refused."""
    cutter = Cutter(10, 50, 1_000)

    assert list(cutter.feed(b"x" * 30 + b"\ny\n" + b"z" * 9 + b"\n")) == [b"x" * 30 + b"\n", b"y\n", b"z" * 9 + b"\n"]
    with pytest.raises(LineTooLong):
        list(cutter.feed(b"x" * 51))


BOUNDS = InboxBounds(BoundsOfInbox("all", 100, 10_000), BoundsOfInbox("tenant", 50, 5_000), BoundsOfInbox("source", 10, 1_000))


@pytest.mark.parametrize(
    ("depth", "level", "unit"),
    [
        (Depth(100, 0, 0, 0, 0, 0), "all", "items"),
        (Depth(9, 0, 50, 0, 0, 0), "tenant", "items"),
        (Depth(9, 0, 9, 4_950, 0, 0), "tenant", "bytes"),
        (Depth(9, 950, 9, 950, 9, 950), "source", "bytes"),
    ],
)
def test_full_inbox_names_level_and_unit(depth: Depth, level: str, unit: str) -> None:
    """A push beyond a bound of the inbox is refused with level, unit and a time to retry."""
    with pytest.raises(InboxFull) as full:
        depth.check(100, BOUNDS)

    assert (full.value.level, full.value.unit) == (level, unit)
    assert full.value.retry_after_s >= 1


def test_empty_inbox_takes_a_push_larger_than_its_bound() -> None:
    """A push that is larger than the bound is accepted by an empty inbox, since it would be refused for ever otherwise."""
    Depth().check(100_000, BOUNDS)


@pytest.mark.parametrize(("items", "delay_s"), [(0, 0.0), (5, 0.0), (7, 0.4), (10, 1.0)])
def test_pushes_are_slowed_as_the_inbox_fills(items: int, delay_s: float) -> None:
    """From half of a bound on, pushes are delayed by up to a second."""
    assert Depth(items, 0, items, 0, items, 0).delay_s(BOUNDS) == pytest.approx(delay_s)


def test_versions_are_ordered_as_semver_orders_them() -> None:
    """Versions are ordered as SemVer says: releases after pre-releases, numbers by value, build metadata ignored."""
    versions = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.2.0",
        "1.10.0",
    ]
    references = [Reference.parse(f"global::connector/x@{version}") for version in versions]

    shuffled = [*references[::2], *references[1::2]]
    assert sorted(shuffled, key=lambda reference: reference.precedence) == references
    assert Reference.parse("global::connector/x@1.0.0+b").precedence == references[6].precedence


@given(st.lists(st.sampled_from([b"{}", b"\n", b" ", b"\t", b"\r", b'{"a":1}', b"x"]), max_size=12))
def test_blank_lines_are_not_counted(parts: list[bytes]) -> None:
    """Only lines that are not blank are counted, with any white space."""
    body = b"".join(parts)
    assert count_records(body, NDJSON) == sum(1 for line in body.split(b"\n") if line.strip(b" \t\r\n"))
