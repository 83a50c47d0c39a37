"""Expired records are removed in a version of their own with a ledger entry, and are recognized when they are sent another time."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from google.protobuf.json_format import MessageToDict

from chartly.platform.clock import SystemClock
from chartly.platform.config import Config
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.storage.commit import chunk_files
from chartly.storage.policy import StoragePolicy
from chartly.v1 import audit_pb2, common_pb2, registry_pb2
from chartly.v1 import maintenance_pb2 as pb

from .conftest import Writer, as_service, ndjson, sale
from .reprocess_steps import ReprocessSteps

PROFILE = """
apiVersion: chartly.io/v1alpha1
kind: Profile
metadata: {{kind: storage, name: kept, version: 1.0.0, description: Kept for thirty days, owners: ["team:data"]}}
spec: {{dataset: sales-events, retentionDays: 30, retentionBy: {by}, partitioning: {{by: [occurred_at], granularity: day}}}}
"""


class Calendar(SystemClock):
    """A clock that is some days ahead of the machine's."""

    days = 0

    def now(self) -> datetime:
        """Return the time some days ahead."""
        return super().now() + timedelta(days=self.days)


@pytest.fixture
def hosts() -> list[Host]:
    """The hosts that ``kept`` started."""
    return []


@pytest.fixture
async def kept(make_config: Callable[..., Config], hosts: list[Host]) -> AsyncIterator[Callable[..., Awaitable[tuple[Writer, Calendar]]]]:
    """Start storage with a profile that keeps records for 30 days, by a column; return a writer and the calendar."""
    clock = Calendar()

    async def start(by: str = "ingested_at", **overrides: Any) -> tuple[Writer, Calendar]:
        # The upkeep's own passes would be in the tests' way.
        host = Host(make_config(**{"limits__retention_every_s": 10**6} | overrides), ["registry", "storage", "audit"], clock)
        hosts.append(host)
        await host.__aenter__()
        clients = host.clients("normalizer")
        reference = "tenant-demo/proj-sales::storage/kept@1.0.0"
        await clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=PROFILE.format(by=by)))
        frozen = await clients.registry.ResolveProfile(registry_pb2.ResolveProfileRequest(ref=reference))
        return Writer(clients, storage=common_pb2.FrozenProfile(ref=frozen.frozen.ref, hash=frozen.frozen.hash)), clock

    with as_service():
        yield start
        for host in hosts:
            await host.__aexit__(None, None, None)


def sales(start: int, count: int, days_ago: int) -> bytes:
    """Return numbered sales of some days ago."""
    moment = (datetime.now(UTC) - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ndjson({**sale(number), "at": moment} for number in range(start, start + count))


async def retain(writer: Writer, *, dry_run: bool = False) -> pb.ApplyRetentionResponse:
    """Apply the dataset's retention."""
    return await writer.clients.maintenance.ApplyRetention(pb.ApplyRetentionRequest(dataset=writer.dataset, dry_run=dry_run))


async def test_expired_records_are_removed_in_a_version(kept: Any) -> None:
    """Retention removes expired records in a new version with the hash of the remaining ones; the former version stays readable."""
    writer, clock = await kept()
    await writer.push(sales(0, 20, 0))
    clock.days = 29
    await writer.push(sales(20, 10, 0))
    assert not (await retain(writer)).rows_removed
    clock.days = 31
    done = await retain(writer)

    assert (done.rows_removed, done.files_removed, done.files_rewritten, done.version, done.by) == (20, 1, 0, 3, "ingested_at")
    dataset = await writer.describe()
    assert (dataset.version, dataset.rows, dataset.content_hash) == (3, 10, done.content_hash)
    assert not (await writer.check()).faults
    assert len((await writer.records(page_size=100)).records) == 10
    assert len((await writer.records(page_size=100, version=2)).records) == 30
    counts = dataset.counts
    assert (counts.records_in, counts.canonical) == (30, 30)


async def test_hash_depends_on_the_remaining_records(kept: Any) -> None:
    """After retention the content hash equals that of a dataset that never had the removed records."""
    writer, clock = await kept()
    fresh, late = Writer(writer.clients, dataset="fresh"), sales(20, 10, 0)
    await writer.push(sales(0, 20, 0))
    clock.days = 20
    await writer.push(late)
    clock.days = 40
    done = await retain(writer)
    await fresh.push(late)

    assert done.content_hash == (await fresh.describe()).content_hash


async def test_files_of_both_ages_are_rewritten(kept: Any) -> None:
    """With retention by occurred_at, a file with expired and other rows is rewritten without the expired ones."""
    writer, _ = await kept("occurred_at", limits__commit_partitions_max=1)
    await writer.push(sales(0, 10, 100) + sales(10, 15, 1))
    done = await retain(writer)

    assert (done.rows_removed, done.files_removed, done.files_rewritten, done.by) == (10, 0, 1, "occurred_at")
    assert (await writer.describe()).rows == 15
    assert not (await writer.check()).faults


async def test_refused_retention_leaves_no_file(kept: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A retention that rewrote a file and can't write the file of removed keys leaves no data file behind."""
    writer, _ = await kept("occurred_at", limits__commit_partitions_max=1)
    await writer.push(sales(0, 10, 100) + sales(10, 15, 1))
    folder = tmp_path / "data/canonical/tenant-demo/proj-sales/sales-events"
    before, plain = sorted(folder.glob("part-*.parquet")), os.open

    def refuse(path: str | Path, flags: int, *mode: int, **rest: int) -> int:
        if flags & os.O_WRONLY and "expired" in str(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return plain(path, flags, *mode, **rest)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        with pytest.raises(RemoteError):
            await retain(writer)
    assert sorted(folder.glob("part-*.parquet")) == before
    assert (await retain(writer)).files_rewritten == 1


async def test_expired_partitions_are_removed_whole(kept: Any) -> None:
    """Files of an expired day are removed without being rewritten."""
    writer, _ = await kept("occurred_at")
    await writer.push(sales(0, 10, 100) + sales(10, 15, 1))
    done = await retain(writer)

    assert (done.rows_removed, done.files_removed, done.files_rewritten) == (10, 1, 0)


async def test_dry_run_changes_nothing(kept: Any) -> None:
    """A dry run returns what the next pass removes, and removes nothing."""
    writer, _ = await kept("occurred_at")
    await writer.push(sales(0, 10, 100) + sales(10, 15, 1))
    received = await retain(writer, dry_run=True)
    before = await writer.describe()
    done = await retain(writer)

    assert before.version == 1
    assert (received.rows_removed, received.files_removed, received.files_rewritten) == (
        done.rows_removed,
        done.files_removed,
        done.files_rewritten,
    )
    assert (await retain(writer)).rows_removed == 0
    assert (await writer.describe()).version == 2


async def test_removed_record_is_quarantined_when_repeated(kept: Any) -> None:
    """A removed record that another chunk repeats is quarantined with its reason; new records are committed."""
    writer, _ = await kept("occurred_at")
    old = sales(0, 10, 100)
    await writer.push(old + sales(10, 5, 1))
    await retain(writer)
    receipt = await writer.push(old + sales(20, 5, 1))

    counts = receipt.counts
    assert (counts.records_in, counts.canonical, counts.duplicates, counts.quarantined) == (15, 5, 0, 10)
    assert [(found.reason, found.records) for found in receipt.quarantine_reasons] == [("RETENTION_EXPIRED", 10)]
    assert (await writer.describe()).rows == 10
    assert not (await writer.check()).faults


async def test_replayed_chunk_writes_nothing(kept: Any) -> None:
    """The chunk of the removed records counts as replayed, and restores nothing."""
    writer, _ = await kept("occurred_at")
    content = sales(0, 10, 100) + sales(10, 5, 1)
    await writer.push(content)
    await retain(writer)
    receipt = await writer.push(content, run="run-2", item="again")

    assert (receipt.counts.replayed, receipt.counts.canonical) == (15, 0)
    assert (await writer.describe()).rows == 5


async def test_rebuilt_index_has_removed_keys(kept: Any, tmp_path: Path) -> None:
    """A rebuilt index still holds the removed keys."""
    writer, _ = await kept("occurred_at")
    old = sales(0, 10, 100)
    await writer.push(old + sales(10, 5, 1))
    await retain(writer)
    for path in (tmp_path / "data" / "dedupe").rglob("*"):
        if path.is_file():
            path.write_bytes(b"")
    await writer.clients.maintenance.RepairDataset(pb.RepairDatasetRequest(dataset=writer.dataset))
    receipt = await writer.push(old + sales(20, 5, 1))

    assert (receipt.counts.canonical, receipt.counts.quarantined) == (5, 10)
    assert not (await writer.check()).faults


async def test_pass_is_bounded(kept: Any) -> None:
    """A pass removes at most its bound of rows and reports that more are expired; the next pass continues."""
    writer, _ = await kept("occurred_at", limits__retention_rows_max=10)
    for start in range(0, 40, 10):
        await writer.push(sales(start, 10, 100))
    passes = [await retain(writer) for _ in range(5)]

    assert [each.rows_removed for each in passes] == [10, 10, 10, 10, 0]
    assert [each.more for each in passes] == [True, True, True, False, False]
    assert (await writer.describe()).rows == 0
    assert not (await writer.check()).faults


async def test_ledger_entry_describes_removed_records(kept: Any) -> None:
    """The version has a ledger entry with counts, hashes before and after, and the digest of the removed records."""
    writer, _ = await kept("occurred_at")
    await writer.push(sales(0, 10, 100) + sales(10, 5, 1))
    before = (await writer.describe()).content_hash
    done = await retain(writer)
    events: list[dict[str, Any]] = []
    while not events:
        answer = await writer.clients.audit.ListEvents(audit_pb2.ListEventsRequest(type="dataset.updated"))
        events = [found for event in answer.events if (found := MessageToDict(event.details))["mode"] == "retain"]

    [event] = events
    assert (event["mode"], event["rows_removed"], event["dataset_version"]) == ("retain", 10, 2)
    assert (event["previous_content_hash"], event["content_hash"]) == (before, done.content_hash)
    assert event["removed_ids_digest"].startswith("sha256:")


async def test_dataset_without_retention_keeps_all(writer: Writer, chunk: Callable[..., bytes]) -> None:
    """Without retentionDays no record expires."""
    await writer.push(chunk(0, 10))
    done = await retain(writer)

    assert (done.rows_removed, done.version) == (0, 1)
    assert not done.HasField("kept_since")


async def test_unknown_dataset_is_not_found(writer: Writer) -> None:
    """Retention of a dataset that was never written is NOT_FOUND."""
    with pytest.raises(RemoteError) as refused:
        await retain(writer)
    assert refused.value.remote_reason == "DATASET_UNKNOWN"


async def test_maintenance_applies_retention(kept: Any) -> None:
    """Periodic maintenance removes expired records."""
    writer, _ = await kept("occurred_at", limits__retention_every_s=1)
    await writer.push(sales(0, 10, 100) + sales(10, 5, 1))
    async with asyncio.timeout(60):
        while (await writer.describe()).rows != 5:  # noqa: ASYNC110 - what is awaited is another service's state
            await asyncio.sleep(0.1)

    assert not (await writer.check()).faults


async def test_removed_files_are_deleted_after_the_snapshot_retention(kept: Any, tmp_path: Path) -> None:
    """Maintenance deletes the files that retention removed once the snapshot retention is over, and not before."""
    writer, clock = await kept(limits__retention_every_s=1, limits__snapshot_retention_s=3600)
    folder = tmp_path / "data" / "canonical" / "tenant-demo" / "proj-sales" / "sales-events"

    async def rows(count: int) -> None:
        async with asyncio.timeout(60):
            while (await writer.describe()).rows != count:  # noqa: ASYNC110 - what is awaited is another service's state
                await asyncio.sleep(0.1)

    async def vacuums(count: int) -> None:
        async with asyncio.timeout(60):
            while sum("VACUUM END" in path.read_text() for path in folder.glob("_delta_log/*.json")) < count:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.1)

    for number, days in enumerate((-65, -32, -3)):
        clock.days = days
        await writer.push(sales(number * 5, 5, 0))
    oldest, older, newest = sorted(folder.rglob("part-*.parquet"))
    # The library compares with the machine's time: what was removed three days ago is past the hour.
    await rows(10)
    await vacuums(1)
    assert not oldest.exists()
    clock.days = 0
    await rows(5)
    await vacuums(2)
    assert older.exists()
    assert newest.exists()
    assert not (await writer.check()).faults


async def test_reprocess_quarantines_removed_records(kept: Any) -> None:
    """A removed record that is reprocessed from its raw bytes goes to quarantine with its reason."""
    writer, _ = await kept("occurred_at")
    await writer.push(sales(0, 5, 40) + sales(5, 5, 1))
    await retain(writer)
    rebuild = ReprocessSteps(writer.clients, requiredFields=["event_id", "occurred_at", "amount", "customer_id"])
    diff = (await rebuild.dry_run()).diff
    assert (diff.unchanged, diff.appear, diff.rows) == (5, 0, 5)
    assert [(each.reason, each.records) for each in diff.quarantine_reasons] == [("RETENTION_EXPIRED", 5)]
    await rebuild.apply()
    assert (await writer.describe()).rows == 5
    assert list((await writer.check()).faults) == []


FAILED_PRECONDITION = 9


def accept_any(policy: StoragePolicy, schema: pa.Schema | None) -> None:
    """Accept any column, as a build did that checked none."""


NUMBERED: dict[str, Any] = {
    "requiredFields": ["event_id"],
    "mapping": {"event_id": "$.id", "occurred_at": "$.n", "amount": "$.amount"},
    "transforms": [{"op": "toNumber", "field": "amount"}],
}
"""Of a profile that maps a number to ``occurred_at``."""


def numbered(writer: Writer, dataset: str = "numbers") -> Writer:
    """Return a writer whose ``occurred_at`` is a column of integers."""
    return replace(writer, dataset=dataset, changes=NUMBERED, extra_contract={"occurred_at": {"type": "integer"}})


def numbers(count: int) -> bytes:
    """Return records with a number for their time."""
    return ndjson({**sale(number), "n": 1577836800 + number} for number in range(count))


async def test_column_without_times_is_refused_before_the_commit(kept: Any) -> None:
    """A chunk whose ``occurred_at`` is a number is not committed under a profile that counts retention from it."""
    writer, _ = await kept("occurred_at")

    with pytest.raises(RemoteError) as refused:
        await numbered(writer).push(numbers(3))

    assert (refused.value.remote_code, refused.value.remote_reason) == (FAILED_PRECONDITION, "PROFILE_INVALID")
    assert "column=occurred_at" in refused.value.message
    assert "column_type=int64" in refused.value.message
    with pytest.raises(RemoteError) as unknown:
        await numbered(writer).describe()
    assert unknown.value.remote_reason == "DATASET_UNKNOWN"


async def test_retention_from_ingestion_ignores_the_type(kept: Any) -> None:
    """With retention by ``ingested_at`` the same chunk is committed, and expires with its commit's time."""
    writer, clock = await kept("ingested_at")
    await numbered(writer).push(numbers(3))
    clock.days = 31

    assert (await retain(numbered(writer))).rows_removed == 3


@pytest.mark.parametrize("dry_run", [True, False])
async def test_dataset_without_times_says_so(kept: Any, monkeypatch: pytest.MonkeyPatch, dry_run: bool) -> None:  # noqa: FBT001 - a case
    """Retention of a dataset that an earlier build let have such a column is refused and names the column; records stay readable."""
    writer, _ = await kept("occurred_at")
    monkeypatch.setattr(chunk_files, "require_points_in_time", accept_any)
    await numbered(writer).push(numbers(3))

    with pytest.raises(RemoteError) as refused:
        await retain(numbered(writer), dry_run=dry_run)

    assert (refused.value.remote_code, refused.value.remote_reason) == (FAILED_PRECONDITION, "PROFILE_INVALID")
    assert "column=occurred_at" in refused.value.message
    assert len((await numbered(writer).records()).records) == 3


async def test_periodic_pass_counts_a_refusal_and_goes_on(kept: Any, hosts: list[Host], monkeypatch: pytest.MonkeyPatch) -> None:
    """A dataset without times is counted as failed by each pass, and the datasets after it are still trimmed."""
    writer, _ = await kept("occurred_at", limits__retention_every_s=1)
    monkeypatch.setattr(chunk_files, "require_points_in_time", accept_any)
    await numbered(writer, "a-numbers").push(numbers(3))
    await writer.push(sales(0, 10, 100) + sales(10, 5, 1))
    async with asyncio.timeout(20):
        while (await writer.describe()).rows != 5:  # noqa: ASYNC110 - what is awaited is another service's state
            await asyncio.sleep(0.1)

    # Datasets are trimmed by name, so the pass has met the other one before.
    assert (hosts[0].metrics.get_sample_value("chartly_storage_retention_failures_total") or 0) >= 1
    assert (await numbered(writer, "a-numbers").describe()).rows == 3
