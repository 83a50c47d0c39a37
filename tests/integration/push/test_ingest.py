"""Pushes through the real services: each is stored durably, taken by a run and committed once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from google.api.httpbody_pb2 import HttpBody

from chartly.platform.errors import RemoteError
from chartly.platform.rpc.blob_stream import blob_messages
from chartly.v1 import connector_hub_pb2 as hub_pb2
from chartly.v1 import normalizer_pb2, orchestrator_pb2, registry_pb2

from .conftest import DATASET, OURS, SOURCE, lines, reading

Start = Callable[..., Awaitable[Any]]


def counted(counts: Any) -> tuple[int, int, int, int]:
    """Return counts without replayed records."""
    return counts.records_in, counts.canonical, counts.duplicates, counts.quarantined


async def test_push_is_durable_then_committed(start_platform: Start) -> None:
    """A push is acknowledged at once and committed by a run; the same push repeated returns its counts."""
    platform = await start_platform()
    body = lines([reading(0), reading(1), reading(1), reading(2, celsius="hot")])

    pushed = await platform.push(body)
    run = await platform.run()
    again = await platform.push(body, wait="committed")

    assert (pushed.state, pushed.records_received, pushed.repeated, pushed.raw_ref.size_bytes) == ("durable", 4, False, len(body))
    assert run.state == orchestrator_pb2.RUN_STATE_SUCCEEDED
    assert (again.state, again.repeated, again.work_key) == ("committed", True, pushed.work_key)
    assert counted(again.counts) == (4, 2, 1, 1)
    assert (await platform.dataset()).rows == 2
    assert (await platform.source()).inbox == hub_pb2.Inbox()


async def test_push_with_wait_returns_its_counts(start_platform: Start) -> None:
    """A push with wait=committed returns the counts once a run has committed it."""
    platform = await start_platform()

    waiting = asyncio.create_task(platform.push(lines([reading(n) for n in range(5)]), wait="committed"))
    await platform.landed(1)
    await platform.run()

    answer = await waiting
    assert (answer.state, counted(answer.counts)) == ("committed", (5, 5, 0, 0))


async def test_wait_ends_with_a_durable_push(start_platform: Start) -> None:
    """When the wait ends without a commit, the answer says that the push is durable."""
    platform = await start_platform(drones=0, limits__push_commit_wait_s=1)

    answer = await platform.push(lines([reading(1)]), wait="committed")

    assert (answer.state, answer.HasField("counts")) == ("durable", False)


async def test_unreadable_lines_are_quarantined(start_platform: Start) -> None:
    """Lines that are not JSON are accepted, and each is quarantined."""
    platform = await start_platform()

    pushed = await platform.push(b"<html>\nno json\n")
    run = await platform.run()

    assert (pushed.state, pushed.records_received) == ("durable", 2)
    assert run.state == orchestrator_pb2.RUN_STATE_QUARANTINED
    assert counted((await platform.push(b"<html>\nno json\n", wait="committed")).counts) == (2, 0, 0, 2)


@pytest.mark.parametrize(
    ("body", "content_type", "records"),
    [
        (b'[{"device":"a","n":1},\n{"device":"b","n":2}]', "application/json", 2),
        (b'{\n "device": "a",\n "n": 1\n}', "application/json", 1),
        (b'{"device":"a","n":1}', "application/vnd.device+json; charset=utf-8", 1),
        (b'\n{"a":1}\r\n\r\n  \n{"a":2}', "application/x-ndjson", 2),
        (b'{"a":1}\n{"a":2}\n', "", 2),
    ],
)
async def test_push_counts_the_records_of_its_body(start_platform: Start, body: bytes, content_type: str, records: int) -> None:
    """A push counts lines, the elements of an array, or one object, and a run finds the same number."""
    platform = await start_platform()

    pushed = await platform.push(body, content_type=content_type)
    run = await platform.run()

    assert (pushed.records_received, run.counts.records_in) == (records, records)


async def test_repeated_push_is_stored_once(start_platform: Start) -> None:
    """A repeated push is recognized by its key, or by its bytes without a key; a key with other bytes is a conflict."""
    platform = await start_platform(drones=0)
    body = lines([reading(1)])

    bare = [await platform.push(body) for _ in range(2)]
    keyed = [await platform.push(body, key="k-1") for _ in range(2)]
    with pytest.raises(RemoteError) as refused:
        await platform.push(lines([reading(2)]), key="k-1")

    assert [answer.repeated for answer in (*bare, *keyed)] == [False, True, False, True]
    assert bare[0].work_key == bare[1].work_key != keyed[0].work_key == keyed[1].work_key
    assert refused.value.remote_reason == "INGEST_CONFLICT"
    assert (await platform.source()).inbox.landed == 2


async def test_concurrent_identical_pushes_are_one(start_platform: Start) -> None:
    """Identical pushes at the same time are one push."""
    platform = await start_platform(drones=0)
    body = lines([reading(n) for n in range(100)])

    answers = await asyncio.gather(*(platform.push(body) for _ in range(6)))

    assert len({answer.work_key for answer in answers}) == 1
    assert (await platform.source()).inbox == hub_pb2.Inbox(landed=1, size_bytes=len(body))


@pytest.mark.parametrize(
    ("body", "content_type", "reason", "field"),
    [
        (b"", "", "INVALID_REQUEST", "body"),
        (b" \n\n", "", "INVALID_REQUEST", "body"),
        (b"a=1", "application/x-www-form-urlencoded", "INVALID_REQUEST", "body.content_type"),
        (b"x" * 2_001, "", "PAYLOAD_TOO_LARGE", ""),
    ],
)
async def test_invalid_push_is_refused(start_platform: Start, body: bytes, content_type: str, reason: str, field: str) -> None:
    """An invalid push is refused with its reason and field, and nothing is stored."""
    platform = await start_platform(drones=0, limits__payload_bytes_max=2_000)

    with pytest.raises(RemoteError) as refused:
        await platform.push(body, content_type=content_type)

    assert refused.value.remote_reason == reason
    assert refused.value.retry_after_s is None
    assert [violation.field for violation in refused.value.violations] == ([field] if field else [])


async def test_push_to_another_source_is_refused(start_platform: Start) -> None:
    """A push to an unknown, abstract, HTTP or paused source is refused, each with its reason."""
    platform = await start_platform(drones=0)
    body = HttpBody(data=lines([reading(1)]))
    await platform.put_connector("asked-http", "global::connector/loopback@1.0.0", 'transport: {baseUrl: "http://127.0.0.1:9"}')
    reasons: list[str] = []

    await platform.push(body.data)
    await platform.clients.connector_hub.PauseSource(hub_pb2.PauseSourceRequest(source_id=SOURCE))
    for source_id in ("nobody", "push", "asked-http", SOURCE):
        with pytest.raises(RemoteError) as refused:
            await platform.clients.connector_hub.Ingest(hub_pb2.IngestRequest(source_id=source_id, body=body))
        reasons.append(refused.value.remote_reason)

    assert reasons == ["SOURCE_UNKNOWN", "SOURCE_UNKNOWN", "SOURCE_NOT_PUSH", "SOURCE_PAUSED"]


async def test_stream_is_cut_at_line_ends(start_platform: Start) -> None:
    """The pages of a stream depend on its bytes, not on its messages; a repeated stream adds nothing."""
    platform = await start_platform(limits__push_stream_page_bytes=500)
    body = lines([reading(n) for n in range(40)])

    first = await platform.stream(body, 64)
    again = await platform.stream(body, 997)
    run = await platform.run()

    assert (first.records_received, first.size_bytes, first.pushes_taken) == (40, len(body), again.pushes_taken)
    assert [push.work_key for push in first.pushes] == [push.work_key for push in again.pushes]
    assert {push.repeated for push in again.pushes} == {True}
    assert counted(run.counts) == (40, 40, 0, 0)


async def test_failed_stream_reports_the_accepted_bytes(start_platform: Start) -> None:
    """A line that is too long ends the stream; pushes before it stay, and the error has their size."""
    platform = await start_platform(drones=0, limits__push_stream_page_bytes=500, limits__payload_bytes_max=2_000)

    with pytest.raises(RemoteError) as refused:
        await platform.stream(lines([reading(n) for n in range(6)]) + b"x" * 4_000, 100)

    assert refused.value.remote_reason == "PAYLOAD_TOO_LARGE"
    assert int(refused.value.metadata["pushes_taken"]) == (await platform.source()).inbox.landed > 0


async def test_stream_waits_for_room_before_it_is_refused(start_platform: Start) -> None:
    """A stream waits while the inbox is full; if it stays full the stream ends, and the error has the accepted size."""
    bounds = {"limits__push_stream_page_bytes": 500, "limits__inbox_source_items_max": 2, "limits__push_commit_wait_s": 1}
    platform = await start_platform(drones=0, **bounds)

    with pytest.raises(RemoteError) as refused:
        await platform.stream(lines([reading(n) for n in range(20)]), 1_000)

    assert (refused.value.remote_reason, refused.value.metadata["pushes_taken"]) == ("QUEUE_FULL", "2")
    assert refused.value.retry_after_s


async def test_stream_goes_on_when_there_is_room(start_platform: Start) -> None:
    """A stream that is larger than the inbox is accepted whole while runs empty the inbox."""
    platform = await start_platform(scheduled=True, limits__push_stream_page_bytes=500, limits__inbox_source_items_max=3)

    answer = await platform.stream(lines([reading(n) for n in range(30)]), 1_000)
    await platform.drained()

    assert (answer.records_received, (await platform.dataset()).rows) == (30, 30)
    assert answer.pushes_taken > 3


async def test_push_has_at_most_chunk_records_max_records(start_platform: Start) -> None:
    """A push of the limit is committed; one record more is refused, and a stream of many is cut into pushes that are."""
    platform = await start_platform(limits__chunk_records_max=3)

    await platform.push(lines([reading(n) for n in range(3)]))
    with pytest.raises(RemoteError) as refused:
        await platform.push(lines([reading(n) for n in range(4)]))
    streamed = await platform.stream(lines([reading(n) for n in range(10, 18)]), 100)
    run = await platform.run()

    assert (refused.value.remote_reason, refused.value.retry_after_s) == ("PAYLOAD_TOO_LARGE", None)
    assert [push.records_received for push in streamed.pushes] == [3, 3, 2]
    assert counted(run.counts) == (11, 11, 0, 0)


async def test_chunk_has_at_most_chunk_records_max_records(start_platform: Start) -> None:
    """A stored page of the limit is committed; one record more is refused for good, and nothing of it is committed."""
    platform = await start_platform(drones=0, limits__chunk_records_max=3)
    clients = platform.clients
    frozen = {
        kind: (await clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=f"{OURS}::{kind}/{name}@1.0.0"))).frozen
        for kind, name in (("normalizer", "device-reading"), ("storage", DATASET))
    }

    async def normalize(first: int, records: int) -> normalizer_pb2.NormalizeResponse:
        body = lines([reading(first + n) for n in range(records)])
        raw = (await clients.blob.PutBlob(blob_messages(body, "application/x-ndjson", SOURCE))).raw
        request = normalizer_pb2.NormalizeRequest(run_id="run_1", source_id=SOURCE, raw=raw, item_key=f"item-{first}", **frozen)
        return await clients.normalizer.Normalize(request)

    with pytest.raises(RemoteError) as refused:
        await normalize(0, 4)
    committed = await normalize(10, 3)

    assert (refused.value.remote_reason, refused.value.remote_code) == ("PAYLOAD_TOO_LARGE", 3)
    assert (committed.counts.canonical, (await platform.dataset()).rows) == (3, 3)
