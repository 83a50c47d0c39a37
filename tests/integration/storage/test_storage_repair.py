"""A repair names what disagrees with a dataset's table, rebuilds what is derived from it, and refuses damage to the table itself."""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pyarrow as pa
import pytest

from chartly.platform.clock import SystemClock
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.storage.policy import StoragePolicy
from chartly.storage.table.data_files import read_files, write_file
from chartly.storage.table.delta_table import LocalDeltaTable
from chartly.v1 import audit_pb2, maintenance_pb2, quarantine_pb2

from .conftest import Writer, as_service
from .test_storage_maintenance import replace

Chunk = Callable[..., bytes]
StartHost = Callable[..., Awaitable[Host]]
TABLE = "data/canonical/tenant-demo/proj-sales/sales-events"


async def repair(writer: Writer) -> maintenance_pb2.RepairDatasetResponse:
    """Repair the dataset."""
    return await writer.clients.maintenance.RepairDataset(maintenance_pb2.RepairDatasetRequest(dataset=writer.dataset))


def change_row(tmp_path: Path, statement: str, *values: object) -> None:
    """Change the metadata database without the service."""
    with sqlite3.connect(tmp_path / "data" / "metadata.sqlite") as connection:
        assert connection.execute(statement, values).rowcount > 0
    connection.close()


def double(tmp_path: Path, rows: int, **columns: object) -> None:
    """Add rows of the table's first file to the table a second time, optionally with changed columns. The service would never do this."""
    table = LocalDeltaTable(tmp_path / TABLE, SystemClock())
    held = read_files([table.paths()[0]]).slice(0, rows)
    for name, value in columns.items():
        at = held.schema.get_field_index(name)
        held = held.set_column(at, held.schema.field(at), pa.array([value] * held.num_rows, held.schema.field(at).type))
    version = table.rewrite([write_file(table.path, held, 2, 9, {}, StoragePolicy())], [])
    change_row(tmp_path, "UPDATE storage_commits SET delta_version = ? WHERE dataset = 'sales-events' AND sequence = 2", version)


async def test_sound_dataset_needs_no_repair(writer: Writer, chunk: Chunk) -> None:
    """A repair of a sound dataset changes nothing."""
    await writer.push(chunk(0, 20))
    done = await repair(writer)

    assert (done.version, list(done.faults), list(done.repairs)) == (1, [], [])


async def test_drifted_hash_is_recomputed(start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk, tmp_path: Path) -> None:
    """A repair names a content hash and a row count that differ from the table, and recomputes them in a new version."""
    with as_service():
        writer = make_writer(await start_host("storage"))
        await writer.push(chunk(0, 20))
        good = (await writer.describe()).content_hash
        await writer.push(chunk(20, 20))
        right = (await writer.describe()).content_hash
        change_row(tmp_path, "UPDATE storage_datasets SET content_hash = ?, rows = 20 WHERE dataset = 'sales-events'", good)
        faults = (await writer.check()).faults
        done = await repair(writer)

        assert len(faults) == 2
        assert list(done.faults) == list(faults)
        assert (done.version, done.content_hash, done.rows_removed) == (3, right, 0)
        assert not (await writer.check()).faults
        assert (await writer.describe()).rows == 40


@pytest.mark.parametrize(("policy", "later"), [("first", 0), ("quarantine", 0), ("last", 5)])
async def test_duplicate_key_is_removed(
    start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk, tmp_path: Path, policy: str, later: int
) -> None:
    """A repair names keys that the table holds twice, and keeps one row of each by the dedupe policy."""
    with as_service():
        host = await start_host("storage")
        await make_writer(host, policy=policy).push(chunk(0, 20))
        await make_writer(host, policy=policy).push(chunk(20, 20))
        await host.stop()
        double(tmp_path, 5, customer_id="later", _sequence=2)
        writer = make_writer(await start_host("storage"), policy=policy)
        faults = (await writer.check()).faults
        done = await repair(writer)

        assert any("5 rows more than it has keys" in fault for fault in faults)
        assert (done.rows_removed, done.version) == (5, 3)
        assert not (await writer.check()).faults
        assert (await writer.describe()).rows == 40
        assert len((await writer.records(filter="customer_id=later")).records) == later


async def test_incomplete_index_is_rebuilt(start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk, tmp_path: Path) -> None:
    """A repair names an index that lacks keys of the table and rebuilds it; the dataset's version stays the same."""
    with as_service():
        host = await start_host("storage")
        await make_writer(host).push(chunk(0, 20))
        await make_writer(host, dataset="other").push(chunk(0, 3))
        await host.stop()
        indexes = tmp_path / "data/dedupe/tenant-demo/proj-sales"
        (indexes / "sales-events").rename(indexes / "aside")
        (indexes / "other").rename(indexes / "sales-events")
        writer = make_writer(await start_host("storage", "audit"))
        faults = (await writer.check()).faults
        done = await repair(writer)

        assert any("lacks 17 of the table's keys" in fault for fault in faults)
        assert (done.version, done.rows_removed) == (1, 0)
        assert not (await writer.check()).faults
        events: list[audit_pb2.AuditEvent] = []
        while not events:
            answer = await writer.clients.audit.ListEvents(audit_pb2.ListEventsRequest(type="dataset.repaired"))
            events = list(answer.events)
        assert dict(events[0].details)["dataset_version"] == 1


async def test_damaged_file_is_refused(writer: Writer, chunk: Chunk, tmp_path: Path) -> None:
    """A repair names a data file whose bytes changed, and repairs nothing, since rows can't be derived."""
    await writer.push(chunk(0, 50))
    path = next((tmp_path / "data" / "canonical").rglob("part-*.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(RemoteError) as refused:
        await repair(writer)

    assert refused.value.remote_reason == "CORRUPT"
    assert (await writer.describe()).version == 1


async def refusal(call: Awaitable[object]) -> RemoteError:
    """Return the error of a call."""
    with pytest.raises(RemoteError) as refused:
        await call
    return refused.value


async def test_quarantine_that_lost_a_commit_is_refused(
    start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk, tmp_path: Path
) -> None:
    """When the quarantine table lacks a commit, listing, check, repair and the next commit are refused."""
    with as_service():
        host = await start_host("storage")
        writer = make_writer(host)
        await writer.push(chunk(0, 5, bad=2))
        await writer.push(chunk(5, 5, bad=1))
        await host.stop()
        max((tmp_path / "data/canonical/tenant-demo/proj-sales/_quarantine/_delta_log").glob("*.json")).unlink()

        writer = make_writer(await start_host("storage"))
        listing = writer.clients.quarantine.ListQuarantinedRecords(quarantine_pb2.ListQuarantinedRecordsRequest())
        for refused in (await refusal(listing), await refusal(repair(writer)), await refusal(writer.push(chunk(10, 5, bad=3)))):
            assert refused.remote_reason == "CORRUPT"
            assert "uarantine" in refused.remote_message
        assert any("uarantine" in fault for fault in (await writer.check()).faults)


async def test_quarantine_with_a_damaged_file_is_named(writer: Writer, chunk: Chunk, tmp_path: Path) -> None:
    """The check of a dataset names a damaged file of its quarantine table."""
    await writer.push(chunk(0, 5, bad=2))
    assert not (await writer.check()).faults
    path = next((tmp_path / "data/canonical/tenant-demo/proj-sales/_quarantine").glob("part-*.parquet"))
    path.write_bytes(path.read_bytes()[::-1])
    assert [path.name in fault for fault in (await writer.check()).faults] == [True]
    assert (await refusal(repair(writer))).remote_reason == "CORRUPT"


async def test_quarantine_that_lost_its_last_version_is_refused(
    start_host: StartHost, make_writer: Callable[..., Writer], chunk: Chunk, tmp_path: Path
) -> None:
    """A lost log version of the quarantine table is reported as damage."""
    with as_service():
        host = await start_host("storage")
        await make_writer(host).push(chunk(0, 5))
        await host.stop()
        max((tmp_path / TABLE / "_delta_log").glob("*.json")).unlink()

        writer = make_writer(await start_host("storage"))
        for refused in (await refusal(writer.records()), await refusal(writer.check())):
            assert (refused.remote_reason, "sales-events" in refused.remote_message) == ("CORRUPT", True)


async def test_derived_dataset_is_not_repaired(storage: Host, tmp_path: Path) -> None:
    """The repair of a derived dataset with another hash is refused, and the error names its rollup."""
    await replace(storage, pa.table({"day": ["a"], "total": [1.5]}), "v1")
    change_row(tmp_path, "UPDATE storage_datasets SET content_hash = ? WHERE dataset = 'rollup'", "sha256:" + "0" * 64)
    with pytest.raises(RemoteError) as refused:
        await storage.clients("x").maintenance.RepairDataset(maintenance_pb2.RepairDatasetRequest(dataset="rollup"))

    assert refused.value.remote_reason == "INVALID_REQUEST"
