"""Each chunk is committed exactly once, over gRPC."""

import asyncio
from collections.abc import Callable

import pytest

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.v1 import commit_pb2, common_pb2, quarantine_pb2

from .conftest import Writer

Chunk = Callable[..., bytes]


def of(counts: object) -> tuple[int, int, int, int, int]:
    """Return counts: records in, canonical, duplicates, quarantined, replayed."""
    names = ("records_in", "canonical", "duplicates", "quarantined", "replayed")
    return tuple(getattr(counts, name) for name in names)  # type: ignore[return-value]


async def test_first_commit_counts_every_record(writer: Writer, chunk: Chunk) -> None:
    """Each record of a first commit counts as canonical or quarantined, and the dataset's totals agree."""
    receipt = await writer.push(chunk(0, 10, bad=2))

    assert of(receipt.counts) == (12, 10, 0, 2, 0)
    assert [(reason.reason, reason.records) for reason in receipt.quarantine_reasons] == [("CONTRACT_VIOLATION", 2)]
    dataset = await writer.describe()
    assert (dataset.version, dataset.rows) == (1, 10)
    assert dataset.content_hash == receipt.content_hash
    assert of(dataset.counts) == (12, 10, 0, 2, 0)
    assert not (await writer.check()).faults


async def test_retried_commit_returns_the_first_receipt(writer: Writer, chunk: Chunk) -> None:
    """A commit that is retried with the same submission id returns the first receipt."""
    first = await writer.push(chunk(0, 10, bad=1), item="item-1")
    again = await writer.push(chunk(0, 10, bad=1), item="item-1")

    assert again == first


async def test_repeated_page_of_a_run_is_counted_as_duplicates(writer: Writer, chunk: Chunk) -> None:
    """A second submission of a chunk in the same run counts all records as duplicates and writes nothing."""
    first = await writer.push(chunk(0, 10, bad=1), run="run-1", item="item-1")
    twice = await writer.push(chunk(0, 10, bad=1), run="run-1", item="item-2")

    assert of(twice.counts) == (11, 0, 11, 0, 0)
    assert twice.replayed
    assert twice.chunk_counts == first.counts
    assert (await writer.describe()).version == 1


async def test_repeated_run_is_replayed(writer: Writer, chunk: Chunk) -> None:
    """A chunk that an earlier run committed counts as replayed, and the dataset's content hash stays the same."""
    first = await writer.push(chunk(0, 10), run="run-1", item="item-1")
    again = await writer.push(chunk(0, 10), run="run-2", item="item-2")

    assert of(again.counts) == (10, 0, 0, 0, 10)
    assert again.content_hash == first.content_hash
    assert (again.run_id, again.chunk_digest) == ("run-1", first.chunk_digest)


async def test_known_records_of_another_chunk_are_duplicates(writer: Writer, chunk: Chunk) -> None:
    """Records that an overlapping chunk has already stored are counted as duplicates."""
    await writer.push(chunk(0, 10))
    receipt = await writer.push(chunk(5, 10))

    assert of(receipt.counts) == (10, 5, 5, 0, 0)
    assert (await writer.describe()).rows == 15


async def test_content_hash_does_not_depend_on_chunking(storage: Host, make_writer: Callable[..., Writer], chunk: Chunk) -> None:
    """The same records have the same content hash in one chunk or in three, in any order."""
    whole = make_writer(storage, dataset="whole")
    parts = make_writer(storage, dataset="parts")
    await whole.push(chunk(0, 30))
    for start in (20, 0, 10):
        await parts.push(chunk(start, 10))

    assert (await parts.describe()).content_hash == (await whole.describe()).content_hash


async def test_concurrent_submissions_of_a_chunk_commit_it_once(writer: Writer, chunk: Chunk) -> None:
    """Of concurrent submissions of a chunk one commits it; the others count duplicates."""
    receipts = await asyncio.gather(*(writer.push(chunk(0, 50), item=f"item-{number}") for number in range(6)))

    assert sorted(of(receipt.counts)[1] for receipt in receipts) == [0, 0, 0, 0, 0, 50]
    assert (await writer.describe()).rows == 50
    assert not (await writer.check()).faults


async def test_concurrent_chunks_of_a_dataset_are_all_committed(writer: Writer, chunk: Chunk) -> None:
    """Concurrent chunks of one dataset are all committed, each as its own version."""
    await asyncio.gather(*(writer.push(chunk(start, 20)) for start in range(0, 200, 20)))

    dataset = await writer.describe()
    assert (dataset.version, dataset.rows) == (10, 200)
    assert not (await writer.check()).faults


async def test_conflict_is_quarantined_by_policy(storage: Host, make_writer: Callable[..., Writer], chunk: Chunk) -> None:
    """With the quarantine policy, a record with a known key and other content is quarantined; the stored record stays."""
    writer = make_writer(storage, policy="quarantine")
    await writer.push(chunk(0, 10))
    receipt = await writer.push(chunk(5, 10, amount="9"))

    assert of(receipt.counts) == (10, 5, 0, 5, 0)
    assert [(reason.reason, reason.records) for reason in receipt.quarantine_reasons] == [("DUPLICATE_CONFLICT", 5)]
    found = await storage.clients("x").quarantine.ListQuarantinedRecords(
        quarantine_pb2.ListQuarantinedRecordsRequest(reason="DUPLICATE_CONFLICT")
    )
    assert len(found.records) == 5


async def test_last_record_replaces_the_first_by_policy(storage: Host, make_writer: Callable[..., Writer], chunk: Chunk) -> None:
    """With the policy ``last`` a newer record replaces the older, and the content hash depends only on the newer."""
    writer, fresh = make_writer(storage, policy="last"), make_writer(storage, dataset="fresh", policy="last")
    await writer.push(chunk(0, 10))
    receipt = await writer.push(chunk(5, 10, amount="9"))

    assert of(receipt.counts) == (10, 10, 0, 0, 0)
    assert (await writer.describe()).rows == 15
    assert not (await writer.check()).faults
    await fresh.push(chunk(0, 5))
    await fresh.push(chunk(5, 10, amount="9"))
    assert (await fresh.describe()).content_hash == (await writer.describe()).content_hash


async def test_chunk_without_accepted_records_is_committed(writer: Writer, chunk: Chunk) -> None:
    """A chunk of invalid records alone makes a version without rows, and later chunks are committed."""
    receipt = await writer.push(chunk(0, 0, bad=3))
    assert of(receipt.counts) == (3, 0, 0, 3, 0)

    await writer.push(chunk(0, 5))
    dataset = await writer.describe()
    assert (dataset.version, dataset.rows) == (2, 5)
    assert not (await writer.check()).faults


async def test_new_field_adds_a_column(storage: Host, make_writer: Callable[..., Writer], chunk: Chunk) -> None:
    """A profile with a new field adds a column, which is null in older records."""
    await make_writer(storage).push(chunk(0, 5))
    wider = make_writer(storage, extra={"shop": "$.customer"}, extra_contract={"shop": {"type": "string"}})
    await wider.push(chunk(5, 5))

    assert "shop" in [column.name for column in (await wider.describe()).columns]
    records = (await wider.records()).records
    assert ["shop" in record for record in records] == [False] * 5 + [True] * 5


async def test_column_of_another_type_is_refused(storage: Host, make_writer: Callable[..., Writer], chunk: Chunk) -> None:
    """A chunk whose field has another type than its column is refused before anything is written."""
    await make_writer(storage, extra={"x": "$.amount"}, extra_contract={"x": {"type": "string"}}).push(chunk(0, 5))
    other = make_writer(storage, extra={"x": "$.customer_number"}, extra_contract={"x": {"type": "integer"}})

    with pytest.raises(RemoteError) as refused:
        await other.push(chunk(5, 5))

    assert refused.value.remote_reason == "CONTRACT_VIOLATION"
    assert (await other.describe()).version == 1


async def test_ticket_serves_one_commit(writer: Writer, chunk: Chunk) -> None:
    """CommitWrite with a used or an invented ticket is TICKET_UNKNOWN."""
    content = chunk(0, 5)
    raw = (await writer.put(content)).raw
    begun = await writer.begin(content, "run-1", "")
    await writer.commit(content, raw, begun, "run-1")

    for ticket in (begun.ticket, "nobody-gave-this"):
        with pytest.raises(RemoteError) as refused:
            await writer.clients.commit.CommitWrite(commit_pb2.CommitWriteRequest(ticket=ticket))
        assert refused.value.remote_reason == "TICKET_UNKNOWN"


async def test_staged_file_outside_the_ticket_folder_is_refused(writer: Writer, chunk: Chunk) -> None:
    """A file name that leads out of the ticket's folder is refused."""
    begun = await writer.begin(chunk(0, 5), "run-1", "")

    with pytest.raises(RemoteError) as refused:
        await writer.clients.commit.CommitWrite(commit_pb2.CommitWriteRequest(ticket=begun.ticket, accepted_file="../../metadata.sqlite"))

    assert refused.value.remote_reason == "INVALID_REQUEST"


async def test_counts_that_do_not_add_up_are_refused(writer: Writer, chunk: Chunk) -> None:
    """A commit whose staged records don't add up to its records_in is refused."""
    begun = await writer.begin(chunk(0, 5), "run-1", "")

    origin = commit_pb2.ChunkOrigin(
        source_id="shop",
        raw=common_pb2.RawRef(sha256="ab" * 32),
        normalizer=common_pb2.FrozenProfile(hash="sha256:0"),
        records_in=5,
    )
    with pytest.raises(RemoteError) as refused:
        await writer.clients.commit.CommitWrite(commit_pb2.CommitWriteRequest(ticket=begun.ticket, origin=origin))

    assert [violation.field for violation in refused.value.violations] == ["origin.records_in"]
