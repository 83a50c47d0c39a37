"""A decided commit that can't be finished blocks its own dataset alone, and can be set aside without losing anything."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from chartly.platform.config import Config
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.storage.commit.failpoints import SetAsideFailpoint, observe, observer
from chartly.storage.commit.finisher import Finisher
from chartly.v1 import audit_pb2, reprocess_pb2
from chartly.v1 import maintenance_pb2 as pb

from .conftest import Writer, as_service
from .reprocess_steps import ReprocessSteps

Chunk = Callable[..., bytes]

STEPS = ("_commit_quarantine", "_commit_table", "_apply_index", "_commit_rows")
BLOCKED = "COMMIT_UNFINISHED"


@pytest.fixture
def break_step(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Make a step after ``prepared`` fail whenever it is tried for ``sales-events``."""

    def break_(step: str) -> None:
        original = getattr(Finisher, step)

        def fail(self: Finisher, group: Any, *rest: Any) -> Any:
            if group[-1].commit.key.dataset != "sales-events":
                return original(self, group, *rest)
            raise RuntimeError("this step fails for good")

        monkeypatch.setattr(Finisher, step, fail)

    yield break_
    monkeypatch.undo()


async def append_first(writer: Writer, chunk: Chunk) -> None:
    """The dataset's first commit."""
    await writer.push(chunk(0, 20, bad=3), item="item-1")


async def append_with_new_column(writer: Writer, chunk: Chunk) -> None:
    """A commit that adds a column."""
    writer.extra, writer.extra_contract = {"note": "$.customer"}, {"note": {"type": "string"}}
    await writer.push(chunk(10, 20, bad=4), item="item-2")


async def append_replacing(writer: Writer, chunk: Chunk) -> None:
    """A commit under the policy ``last``, which rewrites files."""
    writer.policy = "last"
    await writer.push(chunk(10, 20, amount="7", bad=4), item="item-3")


async def reprocess(writer: Writer, chunk: Chunk) -> None:
    """A reprocess, which ends chunks and moves statuses."""
    rebuild = ReprocessSteps(writer.clients, transforms=[{"op": "toNumber", "field": "amount"}], name="rp-1")
    await rebuild.dry_run()
    await rebuild.apply()


async def rollback(writer: Writer, chunk: Chunk) -> None:
    """A rollback to the first version."""
    await writer.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=1))


ACTIONS = {
    "append_first": append_first,
    "append_with_new_column": append_with_new_column,
    "append_replacing": append_replacing,
    "reprocess": reprocess,
    "rollback": rollback,
}


WITHOUT_STEP = {("rollback", "_commit_quarantine")}
"""A rollback adds no quarantined records."""


async def state_of(writer: Writer) -> dict[str, Any]:
    """Return what readers of the dataset see."""
    try:
        dataset = await writer.describe()
    except RemoteError as unknown:
        return {"unknown": unknown.remote_reason}
    records = await writer.records(page_size=1000)
    return {
        "dataset": MessageToDict(dataset),
        "records": sorted(str(record["record_id"]) for record in records.records),
        "faults": list((await writer.check()).faults),
    }


def stored_rows(config: Config) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of chunks, commits and quarantine statuses of ``sales-events`` as they are stored."""
    with closing(sqlite3.connect(config.data_path / "metadata.sqlite")) as database:
        query = "SELECT * FROM {} WHERE dataset = 'sales-events' ORDER BY 1, 2, 3, 4, 5"
        return {
            table: database.execute(query.format(table)).fetchall() for table in ("storage_chunks", "storage_commits", "storage_standings")
        }


async def set_aside(writer: Writer) -> pb.SetAsideCommitResponse:
    """Set the dataset's unfinished commit aside."""
    request = pb.SetAsideCommitRequest(dataset="sales-events", justification="the table refuses it")
    return await writer.clients.maintenance.SetAsideCommit(request)


async def entries(host: Host) -> list[dict[str, Any]]:
    """Wait for the ledger's entry of the set-aside."""
    for _ in range(100):
        request = audit_pb2.ListEventsRequest(type="dataset.commit_set_aside")
        found = await host.clients("normalizer").audit.ListEvents(request)
        if found.events:
            return [MessageToDict(event) for event in found.events]
        await asyncio.sleep(0.05)
    return []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("action", ACTIONS)
async def test_unfinished_commit_is_set_aside(
    action: str, step: str, make_config: Any, chunk: Chunk, break_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it the dataset has its former version, takes the same change again, and the ledger has an entry."""
    with as_service():
        async with Host(make_config(), ["storage", "audit"]) as host:
            writer = Writer(host.clients("normalizer"))
            if action != "append_first":
                await writer.push(chunk(0, 20, bad=2), item="item-0")
            if action == "rollback":
                # A chunk that a reprocess replaced gets another label by a rollback.
                await writer.push(chunk(20, 5, bad=1), item="item-00")
                await reprocess(writer, chunk)
            before, rows = await state_of(writer), stored_rows(make_config())
            break_step(step)
            reason = ""
            try:
                await ACTIONS[action](writer, chunk)
            except RemoteError as refused:
                reason = refused.remote_reason
            if (action, step) in WITHOUT_STEP:
                assert not reason
                return
            assert reason == BLOCKED

        # A process that starts on the data directory serves, and other datasets take commits.
        async with Host(make_config(), ["storage", "audit"]) as host:
            writer = Writer(host.clients("normalizer"))
            other = Writer(host.clients("normalizer"), dataset="other")
            assert (await other.push(chunk(0, 5, bad=1))).counts.canonical == 5
            (fault,) = [each for each in (await writer.check()).faults if "set-aside" in each]
            assert "this step fails for good" in fault
            for call in (
                writer.clients.maintenance.RepairDataset(pb.RepairDatasetRequest(dataset="sales-events")),
                writer.clients.maintenance.ApplyRetention(pb.ApplyRetentionRequest(dataset="sales-events")),
                writer.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=1)),
                writer.push(chunk(50, 5)),
            ):
                with pytest.raises(RemoteError) as refused:
                    await call
                assert refused.value.remote_reason == BLOCKED

            answer = await set_aside(writer)
            assert len(answer.commits) == 1
            (entry,) = await entries(host)
            assert entry["details"]["justification"] == "the table refuses it"
            assert "this step fails for good" in entry["details"]["cause"]
            assert await state_of(writer) == before
            assert stored_rows(make_config()) == rows

            monkeypatch.undo()
            await ACTIONS[action](Writer(host.clients("normalizer")), chunk)
            after = await state_of(writer)
            assert after["dataset"]["version"] == str(answer.version + 1)
            assert not after["faults"]
            assert not (await other.check()).faults


@pytest.mark.parametrize("point", list(SetAsideFailpoint))
async def test_set_aside_that_is_interrupted(
    point: SetAsideFailpoint, storage: Host, writer: Writer, chunk: Chunk, break_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be repeated, or the commit can be finished after all once its cause is removed."""
    await writer.push(chunk(0, 20, bad=2), item="item-0")
    break_step("_commit_rows")
    with pytest.raises(RemoteError):
        await append_with_new_column(writer, chunk)
    before = observer()

    def interrupt(reached: Any) -> None:
        if reached == point:
            raise OSError(5, "Input/output error")

    observe(interrupt)
    try:
        with pytest.raises(RemoteError) as refused:
            await set_aside(writer)
        assert refused.value.remote_reason == "SERVICE_UNAVAILABLE"
    finally:
        observe(before)
    monkeypatch.undo()
    receipt = await writer.push(chunk(10, 20, bad=4), item="item-2")
    assert (receipt.counts.canonical, receipt.counts.duplicates, receipt.counts.quarantined) == (10, 10, 4)
    dataset = await writer.describe()
    assert (dataset.version, dataset.rows, dataset.counts.quarantined) == (2, 30, 6)
    assert not (await writer.check()).faults


async def test_nothing_to_set_aside(storage: Host, writer: Writer, chunk: Chunk) -> None:
    """A dataset without an unfinished commit is left as it is."""
    await writer.push(chunk(0, 20))
    with pytest.raises(RemoteError) as refused:
        await set_aside(writer)
    assert refused.value.remote_reason == "INVALID_REQUEST"
    assert (await writer.describe()).version == 1
