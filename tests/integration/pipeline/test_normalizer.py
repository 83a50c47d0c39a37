"""One chunk over gRPC: raw bytes become committed and quarantined records exactly once."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.v1 import audit_pb2, common_pb2, normalizer_pb2, quarantine_pb2

from .conftest import Pipeline, page, sale

StartHost = Callable[..., Awaitable[Host]]
SERVICES = ("registry", "storage", "audit", "normalizer")
NORMALIZER, STORAGE = "normalizer/sales-default@1.1.0", "storage/sales-events@1.0.0"


async def normalize(pipeline: Pipeline, raw: common_pb2.RawRef, run: str, item: str) -> normalizer_pb2.NormalizeResponse:
    """Normalize a page of sales."""
    return await pipeline.clients.normalizer.Normalize(
        normalizer_pb2.NormalizeRequest(
            run_id=run,
            source_id="sales-http",
            raw=raw,
            normalizer=await pipeline.frozen(NORMALIZER),
            storage=await pipeline.frozen(STORAGE),
            item_key=item,
        )
    )


def counts(answer: Any) -> dict[str, int]:
    """Return the counts as a dictionary."""
    return {name: int(value) for name, value in MessageToDict(answer.counts).items()}


async def begun(start_host: StartHost, **overrides: Any) -> Pipeline:
    """Start the pipeline with the sales profiles."""
    pipeline = Pipeline(await start_host(*SERVICES, **overrides))
    await pipeline.put_domain("sales")
    return pipeline


async def test_a_page_becomes_canonical_records_and_quarantine(start_host: StartHost) -> None:
    """Each record of a page is canonical, a duplicate, or quarantined with its reasons."""
    pipeline = await begun(start_host)
    raw = await pipeline.put_blob(page([sale(1), sale(2), sale(2), sale(3, timestamp="yesterday"), sale(4, totals={}), 7]))
    answer = await normalize(pipeline, raw, "run_1", "run_1/0")
    assert counts(answer) == {"recordsIn": 6, "canonical": 2, "duplicates": 1, "quarantined": 3}
    reasons = {found.reason: found.records for found in answer.quarantine_reasons}
    assert reasons["TRANSFORM_FAILED"] == 1
    assert reasons["REQUIRED_FIELD_MISSING"] == 1
    assert reasons["MALFORMED_JSON"] == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"sales": [{"id": "sale_001"}], "next_cursor": null}', {"recordsIn": 1, "quarantined": 1}),
        (b'{"items": "temporarily unavailable"}', {"recordsIn": 1, "quarantined": 1}),
        (b'{"items": []}', {}),
    ],
    ids=["renamed", "text", "empty"],
)
async def test_page_without_its_list_is_quarantined_as_one(start_host: StartHost, content: bytes, expected: dict[str, int]) -> None:
    """A list that the source has renamed doesn't look like an empty one, which is a page without records."""
    pipeline = await begun(start_host)
    answer = await normalize(pipeline, await pipeline.put_blob(content), "run_1", "run_1/0")
    assert counts(answer) == expected
    assert {found.reason for found in answer.quarantine_reasons} == ({"TRANSFORM_FAILED"} if expected else set())


async def test_a_retry_answers_with_the_first_counts(start_host: StartHost) -> None:
    """A retry of a work item, as after a lost answer, returns the first counts and changes nothing."""
    pipeline = await begun(start_host)
    raw = await pipeline.put_blob(page([sale(1), sale(2)]))
    first = await normalize(pipeline, raw, "run_1", "run_1/0")
    again = await normalize(pipeline, raw, "run_1", "run_1/0")
    assert counts(again) == counts(first) == {"recordsIn": 2, "canonical": 2}
    assert again.dataset_version == first.dataset_version


async def test_another_run_replays_and_the_same_run_duplicates(start_host: StartHost) -> None:
    """The same bytes under another work item count as duplicates within the run, and as replayed in a later run."""
    pipeline = await begun(start_host)
    raw = await pipeline.put_blob(page([sale(1), sale(2)]))
    await normalize(pipeline, raw, "run_1", "run_1/0")
    assert counts(await normalize(pipeline, raw, "run_1", "run_1/1")) == {"recordsIn": 2, "duplicates": 2}
    assert counts(await normalize(pipeline, raw, "run_2", "run_2/0")) == {"recordsIn": 2, "replayed": 2}


async def test_repeated_chunk_has_one_ledger_entry(start_host: StartHost) -> None:
    """A chunk that is submitted several times has one ledger entry, with its digests."""
    pipeline = await begun(start_host)
    raw = await pipeline.put_blob(page([sale(1)]))
    for item in ("run_1/0", "run_1/0", "run_1/1"):
        await normalize(pipeline, raw, "run_1", item)
    events = (await pipeline.clients.audit.ListEvents(audit_pb2.ListEventsRequest(type="dataset.updated"))).events
    assert [MessageToDict(event.details)["raw_sha256"] for event in events] == [raw.sha256]


async def test_unreadable_bytes_are_quarantined_not_an_error(start_host: StartHost) -> None:
    """A page that is not JSON is one malformed record in quarantine, with its place."""
    pipeline = await begun(start_host)
    raw = await pipeline.put_blob(b"<html>busy</html>")
    answer = await normalize(pipeline, raw, "run_1", "run_1/0")
    assert counts(answer) == {"recordsIn": 1, "quarantined": 1}
    listed = await pipeline.clients.quarantine.ListQuarantinedRecords(quarantine_pb2.ListQuarantinedRecordsRequest())
    assert [violation.reason for record in listed.records for violation in record.violations] == ["MALFORMED_JSON"]


async def test_an_unknown_blob_is_refused(start_host: StartHost) -> None:
    """A chunk whose blob is unknown is refused."""
    pipeline = await begun(start_host)
    with pytest.raises(RemoteError) as refused:
        await normalize(pipeline, common_pb2.RawRef(sha256="0" * 64), "run_1", "run_1/0")
    assert refused.value.remote_reason == "BLOB_UNKNOWN"


async def test_a_record_is_explained_field_by_field(start_host: StartHost) -> None:
    """The trace has each mapped field."""
    pipeline = await begun(start_host)
    answer = await pipeline.clients.normalizer.ExplainRecord(
        normalizer_pb2.ExplainRecordRequest(profile_ref=f"tenant-demo/proj-sales::{NORMALIZER}", record=json.dumps(sale(1)))
    )
    trace = json.dumps(MessageToDict(answer.trace))
    for field in ("event_id", "occurred_at", "amount", "currency", "customer_id"):
        assert field in trace


def nested(depth: int) -> dict[str, Any]:
    """Return a sale of a depth; the record itself has depth 1."""
    inner: dict[str, Any] = {}
    for _ in range(depth - 2):
        inner = {"inner": inner}
    return sale(1, extra=inner)


@pytest.mark.parametrize(("depth", "counted"), [(4, {"recordsIn": 1, "canonical": 1}), (5, {"recordsIn": 1, "quarantined": 1})])
async def test_record_may_be_as_deep_as_the_configured_limit(depth: int, counted: dict[str, int], start_host: StartHost) -> None:
    """A record of depth record_depth_max is canonical; a deeper one is quarantined."""
    pipeline = await begun(start_host, limits__record_depth_max=4)
    answer = await normalize(pipeline, await pipeline.put_blob(page([nested(depth)])), "run_1", "run_1/0")
    assert counts(answer) == counted
