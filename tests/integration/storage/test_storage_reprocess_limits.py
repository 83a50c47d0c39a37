"""The limits of reprocess jobs, each at its bound."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.v1 import commit_pb2, common_pb2, reprocess_pb2

from .conftest import Writer, as_service, ndjson, sale
from .reprocess_steps import ReprocessSteps

StartHost = Callable[..., Awaitable[Host]]
# Every record changes, since its amount is doubled.
DOUBLED: dict[str, Any] = {
    "transforms": [
        {"op": "toNumber", "field": "amount"},
        {"op": "multiply", "field": "amount", "value": 2},
        {"op": "toUtcTimestamp", "field": "occurred_at"},
    ]
}


async def loaded(host: Host, chunks: int) -> Writer:
    """Commit chunks of two records each, and return their writer."""
    writer = Writer(host.clients("normalizer"))
    for number in range(chunks):
        await writer.push(ndjson([sale(2 * number), sale(2 * number + 1)]), item=f"item-{number}")
    return writer


async def test_reprocess_has_at_most_its_number_of_chunks(start_host: StartHost) -> None:
    """A reprocess of reprocess_chunks_max chunks is planned; one chunk more is refused."""
    host = await start_host("storage", limits__reprocess_chunks_max=2)
    with as_service():
        await loaded(host, 2)
        planned = await ReprocessSteps(host.clients("normalizer"), name="rp-1").prepare()
        assert planned.chunks == 2
        await loaded(host, 3)
        with pytest.raises(RemoteError) as refused:
            await ReprocessSteps(host.clients("normalizer"), name="rp-2").prepare()
    assert refused.value.remote_reason == "QUERY_LIMIT"


async def test_project_keeps_at_most_its_number_of_jobs(start_host: StartHost) -> None:
    """At reprocesses_kept_max a new plan deletes the oldest job, and a repeated plan deletes none."""
    host = await start_host("storage", limits__reprocesses_kept_max=2)
    clients = host.clients("normalizer")

    async def exists(name: str) -> bool:
        try:
            await clients.reprocess.GetReprocess(reprocess_pb2.GetReprocessRequest(dataset="sales-events", reprocess_id=name))
        except RemoteError as unknown:
            if unknown.remote_reason != "REPROCESS_UNKNOWN":
                raise
            return False
        return True

    with as_service():
        await loaded(host, 1)
        for name in ("rp-1", "rp-2"):
            await ReprocessSteps(clients, name=name).prepare()
        await ReprocessSteps(clients, name="rp-1").prepare()
        assert [await exists(name) for name in ("rp-1", "rp-2")] == [True, True]
        await ReprocessSteps(clients, name="rp-3").prepare()
        assert [await exists(name) for name in ("rp-1", "rp-2", "rp-3")] == [False, True, True]


async def test_samples_are_bounded_for_each_kind_of_change(start_host: StartHost) -> None:
    """Of four changed records, reprocess_samples_max are shown."""
    host = await start_host("storage", limits__reprocess_samples_max=2)
    with as_service():
        await loaded(host, 2)
        clients = host.clients("normalizer")
        compared = await ReprocessSteps(clients, **DOUBLED).dry_run()
        found = await clients.reprocess.GetReprocess(reprocess_pb2.GetReprocessRequest(dataset="sales-events", reprocess_id="rp-1"))
    assert compared.diff.changed == 4
    assert [sample.change for sample in found.samples] == ["changed", "changed"]


async def test_ticket_lives_for_its_time(start_host: StartHost) -> None:
    """A write ticket expires write_ticket_s after BeginWrite."""
    host = await start_host("storage", limits__write_ticket_s=90)
    with as_service():
        begun = await host.clients("normalizer").commit.BeginWrite(
            commit_pb2.BeginWriteRequest(
                dataset="sales-events",
                work_key="a" * 64,
                submission_id="item-1",
                storage=common_pb2.FrozenProfile(ref="global::storage/sales-events@1.0.0", hash="sha256:" + "0" * 64),
                mode=commit_pb2.WRITE_MODE_APPEND,
            )
        )
    life = begun.expires_at.ToDatetime(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta(seconds=60) < life <= timedelta(seconds=90)
