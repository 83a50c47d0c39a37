"""Pushes over REST, through the real edge: bodies, bounds, and the time to retry."""

import gzip
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from chartly.profiles.packaged import texts
from tests.integration.edge.conftest import Installation, running

from .conftest import OURS, SOURCE, lines, reading

SERVICES = ("gateway", "auth", "registry", "storage", "connector_hub")
INGEST = f"/v1/sources/{SOURCE}:ingest"
NDJSON = {"content-type": "application/x-ndjson"}


@contextmanager
def pushed_to(folder: Path, *names: str, **overrides: Any) -> Generator[Installation]:
    """Run an installation with the push source on it."""
    with running(folder, *names, **overrides) as installation:
        document = texts()["domains/devices/connector-device-push@1.0.0.yaml"]
        path = f"/v1/profiles/{OURS}::connector/{SOURCE}@1.0.0"
        installation.ask("PUT", path, json={"document": document}, headers=installation.operator).raise_for_status()
        yield installation


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Generator[Installation]:
    """An installation with limits that a test can reach."""
    folder = tmp_path_factory.mktemp("push")
    with pushed_to(folder, *SERVICES, limits__request_bytes_max=200_000, limits__payload_bytes_max=100_000) as installation:
        yield installation


def push(at: Installation, body: Any, path: str = INGEST, **headers: str) -> httpx.Response:
    """Push a body as a device does."""
    return at.ask("POST", path, content=body, headers={**at.make_token("ingester"), **NDJSON, **headers})


def reason(answer: httpx.Response) -> str:
    """Return an error's reason."""
    return answer.json()["details"][0]["reason"]


def test_body_arrives_as_it_is(at: Installation) -> None:
    """Bytes, content type and key reach the hub unchanged; the answer is JSON."""
    body = lines([reading(1), reading(2)])

    first, again = (push(at, body, **{"x-idempotency-key": "k-1"}) for _ in range(2))
    other = push(at, lines([reading(3)]), **{"x-idempotency-key": "k-1"})

    assert first.status_code == 200, first.text
    received = first.json()
    assert (received["state"], received["records_received"], received["repeated"]) == ("durable", "2", False)
    assert (received["raw_ref"]["content_type"], received["raw_ref"]["size_bytes"]) == ("application/x-ndjson", str(len(body)))
    assert (again.json()["work_key"], again.json()["repeated"]) == (received["work_key"], True)
    assert (other.status_code, reason(other)) == (409, "INGEST_CONFLICT")


def test_gzip_body_is_unpacked(at: Installation) -> None:
    """A gzip body is unpacked, so it is the same push as the plain one."""
    body = lines([reading(n) for n in range(200)])

    plain, folded = push(at, body), push(at, gzip.compress(body), **{"content-encoding": "gzip"})

    assert (folded.status_code, folded.json()["work_key"], folded.json()["repeated"]) == (200, plain.json()["work_key"], True)


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "expected"),
    [
        (INGEST, b"", {}, 400, "INVALID_REQUEST"),
        (INGEST, b"a=1", {"content-type": "application/x-www-form-urlencoded"}, 400, "INVALID_REQUEST"),
        (INGEST, b"x" * 150_000, {}, 400, "PAYLOAD_TOO_LARGE"),
        (INGEST, b"x" * 250_000, {}, 413, "PAYLOAD_TOO_LARGE"),
        (INGEST, gzip.compress(b" " * 10_000_000), {"content-encoding": "gzip"}, 400, "PAYLOAD_TOO_LARGE"),
        (f"{INGEST}?wait=later", b"{}", {}, 400, "INVALID_REQUEST"),
        (f"{INGEST}?wiat=durable", b"{}", {}, 400, "INVALID_REQUEST"),
        ("/v1/sources/nobody:ingest", b"{}", {}, 404, "SOURCE_UNKNOWN"),
    ],
)
def test_invalid_push_is_refused(at: Installation, path: str, body: bytes, headers: dict[str, str], status: int, expected: str) -> None:
    """An invalid push has a status and a reason, and no time to retry."""
    answer = push(at, body, path, **headers)

    assert (answer.status_code, reason(answer)) == (status, expected), answer.text
    assert "retry-after" not in answer.headers


def test_long_stream_is_not_buffered(at: Installation) -> None:
    """The edge forwards a stream that is longer than the limit on bodies, and the hub cuts it."""
    body = lines([reading(n) for n in range(6_000)])

    pieces = (body[start : start + 7_000] for start in range(0, len(body), 7_000))
    answer = push(at, pieces, f"{INGEST}Stream")

    assert answer.status_code == 200, answer.text
    assert int(answer.json()["size_bytes"]) == len(body) > 2 * 200_000
    assert int(answer.json()["records_received"]) == 6_000
    assert int(answer.json()["pushes_taken"]) == len(answer.json()["pushes"]) > 4


def test_unavailable_store_is_429(tmp_path: Path) -> None:
    """While the store is unavailable a push stores nothing, and is 429 with the time to retry in header and body."""
    away = {"server__addresses": {"storage": f"unix:{tmp_path}/nobody.sock"}, "limits__push_wait_s": 1}
    names = [name for name in SERVICES if name != "storage"]
    with pushed_to(tmp_path / "data", *names, **away) as at:
        answer = push(at, lines([reading(1)]))
        inbox = at.ask("GET", f"/v1/sources/{SOURCE}", headers=at.operator).json().get("inbox")

    assert (answer.status_code, reason(answer)) == (429, "SERVICE_UNAVAILABLE")
    assert 1 <= int(answer.headers["retry-after"]) <= 4
    assert [detail["@type"].rpartition(".")[2] for detail in answer.json()["details"]] == ["ErrorInfo", "RetryInfo"]
    assert inbox is None


def test_full_inbox_is_429_until_it_is_emptied(tmp_path: Path) -> None:
    """Accepted pushes stay; a push above the inbox's bound is refused whole."""
    with pushed_to(tmp_path / "data", *SERVICES, limits__inbox_source_items_max=3) as at:
        answers = [push(at, lines([reading(n)])) for n in range(5)]
        inbox = at.ask("GET", f"/v1/sources/{SOURCE}", headers=at.operator).json()["inbox"]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert (reason(answers[3]), int(answers[3].headers["retry-after"]) >= 1) == ("QUEUE_FULL", True)
    assert answers[3].json()["details"][0]["metadata"] == {"level": "source", "unit": "items", "most": "3"}
    assert inbox["landed"] == "3"


def test_pushes_above_the_edges_bound_are_429(tmp_path: Path) -> None:
    """Pushes above the edge's bound never reach the hub."""
    bounds = {"limits__pushes_open_max": 1, "limits__push_commit_wait_s": 5}
    with pushed_to(tmp_path / "data", *SERVICES, **bounds) as at:
        headers = at.make_token("ingester") | NDJSON

        def waiting(number: int) -> httpx.Response:
            return at.ask("POST", f"{INGEST}?wait=committed", content=lines([reading(number)]), headers=headers)

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(waiting, range(6)))

    refused = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in refused} == {429}
    assert (reason(refused[0]), refused[0].headers["retry-after"]) == ("QUEUE_FULL", "2")
    assert len(refused) < len(answers)
