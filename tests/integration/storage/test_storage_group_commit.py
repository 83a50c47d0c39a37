"""Chunks that wait for one dataset are committed in a group: in fewer table versions, each with its own dataset version and receipt."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

import pytest

from chartly.native import Plan
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.storage.commit import failpoints as points
from chartly.storage.commit.failpoints import CommitFailpoint
from chartly.v1 import commit_pb2, common_pb2, quarantine_pb2, reprocess_pb2

from .conftest import CONTRACT, Writer, as_service, ndjson, profile, sale

WAIT_S_MAX = 120.0


class Gate:
    """Stops the first commit once its files are durable, until the gate is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.closed = True
        """Whether the next commit stops."""

    def observe(self, reached: StrEnum) -> None:
        """Stop the first commit."""
        if reached.value == CommitFailpoint.FILES_DURABLE.value and self.closed:
            self.closed = False
            self._open.wait(WAIT_S_MAX)

    def open(self) -> None:
        """Let the commit continue."""
        self._open.set()


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate that observes the failpoints during the test."""
    before, made = points.observer(), Gate()
    points.observe(made.observe)
    yield made
    made.open()
    points.observe(before)


@asynccontextmanager
async def waiting_commits(
    host: Host, gate: Gate, writer: Writer, contents: list[bytes]
) -> AsyncGenerator[list[asyncio.Task[commit_pb2.CommitReceipt]]]:
    """Begin a commit that stops at the gate, and queue the others behind it in their order; open the gate at the end."""
    group_commit = host.service("storage").group_commit
    tasks: list[asyncio.Task[commit_pb2.CommitReceipt]] = []
    for count, content in enumerate(contents):
        tasks.append(asyncio.create_task(writer.push(content, item=f"item-{count}")))
        async with asyncio.timeout(WAIT_S_MAX):
            # The first one leaves the queue at once; each further one stays in it.
            while group_commit.waiting < count or (count == 0 and gate.closed):
                assert not tasks[-1].done()
                await asyncio.sleep(0.01)
    yield tasks
    gate.open()
    await asyncio.wait(tasks)


def table_versions(host: Host) -> int:
    """Count the versions of the dataset's table."""
    log = Path(host.config.data_dir) / "canonical" / "tenant-demo" / "proj-sales" / "sales-events" / "_delta_log"
    return len(list(log.glob("*.json")))


def without_time(receipt: commit_pb2.CommitReceipt) -> tuple[object, ...]:
    """Return a receipt's fields without its time."""
    return receipt.dataset_version, receipt.content_hash, receipt.chunk_digest, str(receipt.counts), receipt.replayed


def _contents() -> list[bytes]:
    # Overlaps between chunks of one group, a conflict, bad records, and a chunk of bad records alone.
    return [
        ndjson(sale(n) for n in range(10)),
        ndjson([*(sale(n) for n in range(5, 20)), sale(3, -1)]),
        ndjson([*(sale(n) for n in range(15, 30)), sale(16, "9"), sale(2, "9")]),
        ndjson([sale(1, -1)]),
        ndjson(sale(n) for n in range(40)),
    ]


@pytest.mark.parametrize("policy", ["first", "quarantine", "last"])
async def test_group_equals_single_commits(policy: str, gate: Gate, start_host: Callable[..., Awaitable[Host]], tmp_path: Path) -> None:
    """Versions, content hashes, counts and records at each version equal those of the same chunks committed one by one."""
    with as_service():
        alone = await start_host("storage", data_dir=str(tmp_path / "alone"))
        gate.closed = False
        writer = Writer(alone.clients("normalizer"), policy=policy)
        expected = [await writer.push(content, item=f"item-{count}") for count, content in enumerate(_contents())]
        expected_records = [[r["record_id"] for r in (await writer.records(version=n, page_size=500)).records] for n in range(1, 6)]
        expected_quarantine = await _quarantined(writer)
        host = await start_host("storage", data_dir=str(tmp_path / "together"))
        gate.closed = True
        writer = Writer(host.clients("normalizer"), policy=policy)
        async with waiting_commits(host, gate, writer, _contents()) as tasks:
            pass
        assert [without_time(task.result()) for task in tasks] == [without_time(receipt) for receipt in expected]
        found = [[r["record_id"] for r in (await writer.records(version=n, page_size=500)).records] for n in range(1, 6)]
        assert found == expected_records
        assert await _quarantined(writer) == expected_quarantine
        assert list((await writer.check()).faults) == []
        # Asked again, each submission hears what it heard.
        again = [await writer.push(content, item=f"item-{count}") for count, content in enumerate(_contents())]
        assert [without_time(receipt) for receipt in again] == [without_time(receipt) for receipt in expected]
        # A record that replaces another needs the table with that one in it: such chunks go alone.
        assert (table_versions(host) < table_versions(alone)) == (policy != "last")


async def test_rollback_to_a_version_within_a_group(gate: Gate, start_host: Callable[..., Awaitable[Host]], tmp_path: Path) -> None:
    """A dataset can be rolled back to each version, also to one that shares its table version with later ones."""
    with as_service():
        host = await start_host("storage", "audit", data_dir=str(tmp_path / "together"))
        writer = Writer(host.clients("normalizer"))
        async with waiting_commits(host, gate, writer, _contents()) as tasks:
            pass
        back = await writer.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=3))
        assert back.content_hash == tasks[2].result().content_hash
        assert back.rows == 30
        assert list((await writer.check()).faults) == []
        restored = await writer.push(_contents()[4], run="run-2", item="later")
        assert restored.content_hash == tasks[4].result().content_hash


async def test_invalid_chunk_of_a_group_fails_alone(gate: Gate, storage: Host) -> None:
    """A chunk with a wrong record count fails alone; the other chunks of its group are committed."""
    writer = Writer(storage.clients("normalizer"))
    contents, other = _contents()[:3], _contents()[4]
    async with waiting_commits(storage, gate, writer, contents) as tasks:
        raw = (await writer.put(other)).raw
        begun = await writer.begin(other, "run-1", "wrong")
        wrong = asyncio.create_task(_claim(writer, begun, raw))
        async with asyncio.timeout(WAIT_S_MAX):
            while storage.service("storage").group_commit.waiting < len(contents):
                assert not wrong.done()
                await asyncio.sleep(0.01)
    with pytest.raises(RemoteError) as refused:
        await wrong
    assert refused.value.remote_reason == "INVALID_REQUEST"
    assert [task.result().dataset_version for task in tasks] == [1, 2, 3]
    assert (await writer.describe()).rows == 30
    assert list((await writer.check()).faults) == []


async def test_same_chunk_twice_in_a_group_is_committed_once(gate: Gate, storage: Host) -> None:
    """A chunk that is submitted twice to one group is one commit; the second submission counts duplicates."""
    writer = Writer(storage.clients("normalizer"))
    first, page = ndjson([sale(1000)]), _contents()[0]
    async with waiting_commits(storage, gate, writer, [first, page, page]) as tasks:
        pass
    answers = [task.result() for task in tasks[1:]]
    assert [answer.counts.canonical for answer in answers] == [10, 0]
    assert [answer.counts.duplicates for answer in answers] == [0, 10]
    assert {answer.dataset_version for answer in answers} == {2}


async def _claim(writer: Writer, begun: commit_pb2.BeginWriteResponse, raw: common_pb2.RawRef) -> commit_pb2.CommitWriteResponse:
    origin = commit_pb2.ChunkOrigin(run_id="run-1", source_id="shop", raw=raw, records_in=7, dedupe_policy="first")
    # As ``Writer.commit`` says it: only chunks of the same frozen profiles go together.
    origin.normalizer.ref, origin.normalizer.hash = "global::normalizer/sales@1.0.0", f"sha256:{Plan.compile(profile(), CONTRACT).hash}"
    return await writer.clients.commit.CommitWrite(commit_pb2.CommitWriteRequest(ticket=begun.ticket, origin=origin))


async def _quarantined(writer: Writer) -> list[str]:
    listed = await writer.clients.quarantine.ListQuarantinedRecords(quarantine_pb2.ListQuarantinedRecordsRequest(page_size=1000))
    return sorted(record.quarantine_id for record in listed.records)
