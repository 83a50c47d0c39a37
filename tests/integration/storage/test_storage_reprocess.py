"""A reprocess of a dataset is one version, and so is its rollback; no record is lost or stored twice."""

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.v1 import dataset_pb2, quarantine_pb2, reprocess_pb2

from .conftest import Writer, ndjson, sale
from .reprocess_steps import ReprocessSteps

# The amount doubled, and a customer required: records change, and those without a customer are held back.
DOUBLED: dict[str, Any] = {
    "requiredFields": ["event_id", "occurred_at", "amount", "customer_id"],
    "transforms": [
        {"op": "toNumber", "field": "amount"},
        {"op": "multiply", "field": "amount", "value": 2},
        {"op": "toUtcTimestamp", "field": "occurred_at"},
    ],
}


def anonymous(number: int) -> dict[str, Any]:
    """Return a sale without a customer."""
    return {name: value for name, value in sale(number).items() if name != "customer"}


CHUNKS = (
    ndjson([*(sale(n) for n in range(20)), anonymous(100), sale(1, -1)]),
    ndjson([*(sale(n) for n in range(15, 30)), *(sale(n, "9") for n in range(3)), sale(200, -1)]),
    ndjson([sale(n, 0) for n in range(40, 45)]),
)


async def load(writer: Writer) -> None:
    """Load all chunks."""
    for place, content in enumerate(CHUNKS):
        await writer.push(content, item=f"item-{place}")


async def fresh(host: Host, rebuild: ReprocessSteps) -> dataset_pb2.Dataset:
    """Load the same raw bytes into another dataset with the new profile."""
    writer = Writer(host.clients("normalizer"), dataset="fresh", policy=rebuild.policy, changes=rebuild.changes)
    await load(writer)
    return await writer.describe()


async def quarantined(writer: Writer) -> list[str]:
    """Return the quarantined records of the dataset."""
    listed = await writer.clients.quarantine.ListQuarantinedRecords(
        quarantine_pb2.ListQuarantinedRecordsRequest(page_size=1000, dataset=writer.dataset)
    )
    return sorted(record.quarantine_id for record in listed.records)


@pytest.mark.parametrize("policy", ["first", "last", "quarantine"])
async def test_reprocess_equals_a_load_with_the_new_profile(storage: Host, policy: str) -> None:
    """A reprocessed dataset has the content hash and rows that its dry run announced and that a load with the new profile has."""
    writer = Writer(storage.clients("normalizer"), policy=policy)
    await load(writer)
    rebuild = ReprocessSteps(storage.clients("normalizer"), policy=policy, **DOUBLED)
    answer = await rebuild.dry_run()
    before = await writer.describe()
    assert answer.diff.base_content_hash == before.content_hash
    applied = await rebuild.apply()
    after, expected = await writer.describe(), await fresh(storage, rebuild)
    assert (after.content_hash, after.rows) == (expected.content_hash, expected.rows) == (answer.diff.content_hash, answer.diff.rows)
    assert (applied.version, after.version) == (before.version + 1, before.version + 1)
    assert (
        after.counts.records_in == after.counts.canonical + after.counts.duplicates + after.counts.quarantined == before.counts.records_in
    )
    assert list((await writer.check()).faults) == []
    assert len(await quarantined(writer)) == after.counts.quarantined


async def test_dry_run_counts_changes_and_writes_nothing(storage: Host, writer: Writer) -> None:
    """A dry run counts records as unchanged, changed, added or removed, and has samples from before and after; it writes nothing."""
    await load(writer)
    before = await writer.describe()
    rebuild = ReprocessSteps(storage.clients("normalizer"), **DOUBLED)
    diff = (await rebuild.dry_run()).diff
    # 30 numbered sales of which all but none are doubled, five of nothing stay, the anonymous one goes.
    assert (diff.unchanged, diff.changed, diff.appear, diff.vanish, diff.outside) == (5, 30, 0, 1, 0)
    assert (diff.newly_quarantined, diff.no_longer_quarantined) == (1, 0)
    assert diff.unchanged + diff.changed + diff.vanish == before.rows
    found = await storage.clients("normalizer").reprocess.GetReprocess(
        reprocess_pb2.GetReprocessRequest(dataset="sales-events", reprocess_id="rp-1")
    )
    samples = {kind: [sample for sample in found.samples if sample.change == kind] for kind in ("changed", "vanish", "newly_quarantined")}
    assert {kind: len(found) for kind, found in samples.items()} == {"changed": 10, "vanish": 1, "newly_quarantined": 1}
    changed = samples["changed"][0]
    assert MessageToDict(changed.after)["amount"] == 2 * MessageToDict(changed.before)["amount"]
    assert changed.before["event_id"] == changed.after["event_id"]
    assert [violation.reason for violation in samples["newly_quarantined"][0].violations] == ["REQUIRED_FIELD_MISSING"]
    assert (await writer.describe()) == before


async def test_reprocessed_record_has_its_raw_reference_and_the_new_profile(storage: Host, writer: Writer) -> None:
    """A reprocessed record keeps its raw reference and has the new profile's hash."""
    await load(writer)
    before = {record["event_id"]: record for record in (await writer.records(page_size=1000)).records}
    rebuild = ReprocessSteps(storage.clients("normalizer"), **DOUBLED)
    await rebuild.dry_run()
    await rebuild.apply()
    after = {record["event_id"]: record for record in (await writer.records(page_size=1000)).records}
    assert len(after) == len(before) - 1
    for event_id, record in after.items():
        assert record["_profile_hash"] == rebuild.normalizer.hash
        assert all(record[name] == before[event_id][name] for name in ("_raw_sha256", "raw_offset", "_sequence", "_ingested_at"))


async def test_same_bytes_are_replayed_after_a_reprocess(storage: Host, writer: Writer) -> None:
    """A later run over the same bytes with the former profile counts them as replayed and writes nothing."""
    await load(writer)
    rebuild = ReprocessSteps(storage.clients("normalizer"), **DOUBLED)
    await rebuild.dry_run()
    await rebuild.apply()
    before = await writer.describe()
    receipt = await writer.push(CHUNKS[0], run="run-2", item="again")
    assert (receipt.replayed, receipt.counts.replayed) == (True, 22)
    assert (await writer.describe()) == before


async def test_chunks_that_were_appended_since_the_dry_run_stay(storage: Host, writer: Writer) -> None:
    """A reprocess keeps records that were appended since its dry run, and its result counts them."""
    await load(writer)
    rebuild = ReprocessSteps(storage.clients("normalizer"), **DOUBLED)
    await rebuild.dry_run()
    late = await writer.push(ndjson([sale(n) for n in range(25, 60)]), item="late")
    applied = await rebuild.apply()
    assert applied.rebased_to == late.dataset_version
    assert applied.diff.outside == late.counts.canonical
    assert list((await writer.check()).faults) == []
    assert (await writer.describe()).rows == applied.diff.rows


async def test_dry_run_is_stale_after_another_reprocess(storage: Host, writer: Writer) -> None:
    """Applying a dry run after another reprocess of the dataset is refused, and changes nothing."""
    await load(writer)
    first, second = (ReprocessSteps(storage.clients("normalizer"), name=name, **DOUBLED) for name in ("rp-1", "rp-2"))
    await first.dry_run()
    await second.dry_run()
    await first.apply()
    before = await writer.describe()
    with pytest.raises(RemoteError) as refused:
        await second.apply()
    assert refused.value.remote_reason == "REPROCESS_STALE"
    assert (await writer.describe()) == before


async def test_reprocess_of_quarantined_only_skips_clean_chunks(storage: Host, writer: Writer) -> None:
    """A chunk without quarantined records keeps its profile in a reprocess of chunks with quarantined records."""
    await load(writer)
    rebuild = ReprocessSteps(storage.clients("normalizer"), **DOUBLED)
    answer = await rebuild.dry_run(quarantined=True)
    assert (answer.diff.chunks, answer.diff.outside) == (2, 5)
    await rebuild.apply()
    profiles = {str(record["_profile_hash"]) for record in (await writer.records(page_size=1000)).records}
    assert len(profiles) == 2
    assert list((await writer.check()).faults) == []


async def test_reprocess_without_a_chunk_in_scope_is_refused(storage: Host, writer: Writer) -> None:
    """A reprocess with a normalizer that made no chunk of the dataset is refused."""
    await load(writer)
    with pytest.raises(RemoteError) as refused:
        await ReprocessSteps(storage.clients("normalizer"), **DOUBLED).prepare(replaces="other")
    assert refused.value.remote_reason == "REPROCESS_EMPTY"


async def test_rollback_restores_a_version(storage: Host, writer: Writer) -> None:
    """A rollback restores records, quarantine, content hash and index; later chunks can be committed a second time."""
    await load(writer)
    before, held_back = await writer.describe(), await quarantined(writer)
    rebuild = ReprocessSteps(storage.clients("normalizer"), **DOUBLED)
    await rebuild.dry_run()
    await rebuild.apply()
    late = ndjson([sale(n) for n in range(300, 310)])
    await writer.push(late, item="late")
    clients = storage.clients("normalizer")
    answer = await clients.reprocess.RollbackDataset(
        reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=before.version, dry_run=True)
    )
    assert (answer.version, answer.vanish, answer.changed, answer.appear) == (before.version + 2, 10, 30, 1)
    done = await clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=before.version))
    after = await writer.describe()
    assert (done.version, after.version) == (before.version + 3, before.version + 3)
    assert (after.content_hash, after.rows, after.counts) == (before.content_hash, before.rows, before.counts)
    assert await quarantined(writer) == held_back
    assert list((await writer.check()).faults) == []
    again = await clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=before.version))
    assert again.version == done.version
    receipt = await writer.push(late, run="run-3", item="late-again")
    assert (receipt.replayed, receipt.counts.canonical) == (False, 10)
    modes = [
        each.mode
        for each in (await clients.dataset.ListDatasetVersions(dataset_pb2.ListDatasetVersionsRequest(dataset="sales-events"))).versions
    ]
    assert modes == ["append", "restore", "append", "rebuild", "append", "append", "append"]


async def test_rollback_of_a_rollback_restores_the_reprocess(storage: Host, writer: Writer) -> None:
    """A dataset can be rolled back to a reprocessed version after a rollback."""
    await load(writer)
    rebuild = ReprocessSteps(storage.clients("normalizer"), **DOUBLED)
    await rebuild.dry_run()
    applied = await rebuild.apply()
    rebuilt, held_back = await writer.describe(), await quarantined(writer)
    clients = storage.clients("normalizer")
    for version in (1, applied.version):
        await clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=version))
    after = await writer.describe()
    assert (after.content_hash, after.rows, after.counts) == (rebuilt.content_hash, rebuilt.rows, rebuilt.counts)
    assert await quarantined(writer) == held_back
    assert list((await writer.check()).faults) == []


async def test_rollback_to_an_unknown_version_is_refused(storage: Host, writer: Writer) -> None:
    """A rollback to a version that never existed is refused and changes nothing."""
    await load(writer)
    with pytest.raises(RemoteError) as refused:
        await storage.clients("normalizer").reprocess.RollbackDataset(
            reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=9)
        )
    assert refused.value.remote_reason == "DATASET_UNKNOWN"


async def test_reprocess_with_another_key_replaces_all_records(storage: Host, writer: Writer, make_writer: Callable[..., Writer]) -> None:
    """With another dedupe key each record under the old key is removed, and one record for each new key is added."""
    await load(writer)
    rows = (await writer.describe()).rows
    rebuild = ReprocessSteps(storage.clients("normalizer"), dedupe={"keys": ["customer_id"], "policy": "first"})
    diff = (await rebuild.dry_run()).diff
    assert (diff.unchanged, diff.changed, diff.vanish) == (0, 0, rows)
    # Seven customers, and one record without any.
    assert diff.appear == diff.rows == 8
    await rebuild.apply()
    assert (await writer.describe()).rows == 8
    assert list((await writer.check()).faults) == []
