"""Pushes with a content coding, through the real edge: a whole body is taken whole, of every other nothing is."""

import gzip
import zlib
from collections.abc import Generator
from typing import Any

import pytest

from tests.integration.edge.conftest import Installation

from .conftest import SOURCE, lines, reading
from .test_push_over_rest import INGEST, SERVICES, push, pushed_to, reason

RECORDS = [reading(number) for number in range(3_000)]
BODY = lines(RECORDS)
GZIP = gzip.compress(BODY)
FLUSHING = zlib.compressobj(wbits=31)
CUT_AT_FLUSH = FLUSHING.compress(lines(RECORDS[:50])) + FLUSHING.flush(zlib.Z_SYNC_FLUSH)
WHOLE: dict[str, tuple[str, bytes]] = {
    "gzip": ("gzip", GZIP),
    "x-gzip": ("x-gzip", GZIP),
    "two-members": ("gzip", gzip.compress(lines(RECORDS[:10])) + gzip.compress(lines(RECORDS[10:]))),
    "deflate": ("deflate", zlib.compress(BODY)),
    "identity": ("identity", BODY),
}
BROKEN: dict[str, tuple[str, bytes]] = {
    "cut": ("gzip", GZIP[:-4_000]),
    "without-trailer": ("gzip", GZIP[:-8]),
    "cut-at-a-flush": ("gzip", CUT_AT_FLUSH),
    "other-crc": ("gzip", GZIP[:-8] + bytes(4) + GZIP[-4:]),
    "other-length": ("gzip", GZIP[:-1] + b"\x7f"),
    "garbage-behind": ("gzip", GZIP + b"garbage"),
    "second-member-cut": ("gzip", GZIP + GZIP[:-10]),
    "not-gzip": ("gzip", BODY),
    "not-coded": ("deflate", b"\xff" * 100),
    "empty": ("gzip", b""),
    "deflate-cut": ("deflate", zlib.compress(BODY)[:-4]),
    "br": ("br", BODY),
    "zstd": ("zstd", BODY),
    "compress": ("compress", BODY),
    "unknown-in-a-stack": ("gzip, br", GZIP),
    "gzip-said-twice": ("gzip, gzip", GZIP),
}


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Generator[Installation]:
    """Run an installation with the push source."""
    with pushed_to(tmp_path_factory.mktemp("coded"), *SERVICES, limits__push_stream_page_bytes=2_000_000) as installation:
        yield installation


def landed(at: Installation) -> tuple[int, int]:
    """Return the pushes and bytes in the inbox."""
    answer = at.ask("GET", f"/v1/sources/{SOURCE}", headers=at.operator)
    inbox: dict[str, Any] = answer.json().get("inbox", {}) if answer.status_code == 200 else {}
    return int(inbox.get("landed", 0)), int(inbox.get("size_bytes", 0))


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("path", [INGEST, f"{INGEST}Stream"])
def test_whole_body_is_taken_whole(at: Installation, name: str, path: str) -> None:
    """All records are received, whichever coding they come in and however many members it has."""
    coding, body = WHOLE[name]
    answer = push(at, body, path, **{"content-encoding": coding, "x-idempotency-key": f"{name}-{len(path)}"})
    assert answer.status_code == 200, answer.text
    assert int(answer.json()["records_received"]) == 3_000


def test_several_codings_of_a_push_are_undone(at: Installation) -> None:
    """They are undone from the last to the first; a stream may have one only."""
    body, headers = gzip.compress(zlib.compress(BODY)), {"content-encoding": "deflate, x-gzip"}
    taken, refused = push(at, body, **headers), push(at, body, f"{INGEST}Stream", **headers)
    assert (taken.status_code, taken.json()["records_received"]) == (200, "3000")
    assert (refused.status_code, reason(refused)) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("path", [INGEST, f"{INGEST}Stream"])
def test_broken_body_is_refused_whole(at: Installation, name: str, path: str) -> None:
    """The push is refused with 400, and the inbox is as before."""
    coding, body = BROKEN[name]
    before = landed(at)
    answer = push(at, body, path, **{"content-encoding": coding})
    assert (answer.status_code, reason(answer)) == (400, "INVALID_REQUEST"), answer.text
    assert landed(at) == before


def test_stream_that_breaks_off_says_what_was_taken(at: Installation) -> None:
    """Pushes before the break stay stored, and the error has their number; the whole stream is sent again without loss or copies."""
    large = lines([reading(number) for number in range(60_000)])
    packed, path = gzip.compress(large), f"{INGEST}Stream"
    broken = push(at, packed[:-20], path, **{"content-encoding": "gzip"})
    again = push(at, packed, path, **{"content-encoding": "gzip"})

    taken = int(broken.json()["details"][0]["metadata"]["pushes_taken"])
    assert (broken.status_code, reason(broken)) == (400, "INVALID_REQUEST")
    assert again.json()["records_received"] == "60000"
    assert [each["repeated"] for each in again.json()["pushes"]][:taken] == [True] * taken
    assert taken >= 1


@pytest.mark.parametrize("cut", [0, 4])
@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
def test_coded_body_that_is_no_push_is_refused(at: Installation, cut: int, coding: str) -> None:
    """With 415, at once; ``identity`` is no coding."""
    body = b'{"query": "SELECT 1"}'
    packed = gzip.compress(body)
    answer = at.ask("POST", "/v1/query", content=packed[: len(packed) - cut], headers={**at.operator, "content-encoding": coding})
    plain = at.ask("POST", "/v1/query", content=body, headers={**at.operator, "content-encoding": "Identity"})
    assert (answer.status_code, reason(answer), answer.headers["accept-encoding"]) == (415, "INVALID_REQUEST", "identity")
    assert plain.status_code != 415
