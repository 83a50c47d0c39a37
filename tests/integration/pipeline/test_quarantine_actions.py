"""Records leave quarantine over gRPC: retried, released with a correction, or discarded; each is counted once and in the ledger."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from google.protobuf.json_format import MessageToDict

from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import Scope, scoped
from chartly.profiles.packaged import texts
from chartly.v1 import (
    audit_pb2,
    blob_pb2,
    dataset_pb2,
    maintenance_pb2,
    normalizer_pb2,
    observer_pb2,
    quarantine_pb2,
    registry_pb2,
    reprocess_pb2,
)

from .conftest import PROJECT, Pipeline, page, sale

StartHost = Callable[..., Awaitable[Host]]
SERVICES = ("registry", "storage", "audit", "normalizer")
OLD, NEW, STORAGE = "normalizer/sales-default@1.1.0", "normalizer/sales-default@1.2.0", "storage/sales-events@1.0.0"
ALL = quarantine_pb2.QuarantineFilter(dataset="sales-events")


class QuarantineCase(Pipeline):
    """The pipeline, with a page of three good sales and four that are quarantined."""

    async def begin(self, content: bytes = b"") -> None:
        """Store the profiles and normalize a page."""
        await self.put_domain("sales")
        bad = [sale(number, timestamp="yesterday") for number in (11, 12)]
        content = content or page([sale(1), sale(2), sale(3), *bad, sale(13, totals={}), 7])
        await self.normalize(content)

    async def normalize(self, content: bytes) -> normalizer_pb2.NormalizeResponse:
        """Normalize a page with the old profile."""
        return await self.clients.normalizer.Normalize(
            normalizer_pb2.NormalizeRequest(
                run_id="run_1",
                source_id="sales-http",
                raw=await self.put_blob(content),
                normalizer=await self.frozen(OLD),
                storage=await self.frozen(STORAGE),
                item_key=f"run_1/{hashlib.sha256(content).hexdigest()}",
            )
        )

    async def put_newer(self, version: str = "1.2.0", *, name: str = "sales-default") -> None:
        """Store a version of the profile that does not require occurred_at."""
        text = next(text for path, text in texts().items() if path.endswith("sales/normalizer-sales-default@1.1.0.yaml"))
        document = text.replace("version: 1.1.0", f"version: {version}").replace("name: sales-default", f"name: {name}")
        document += '  mapping: {occurred_at: {const: "2026-02-02T12:00:00Z"}}\n'
        reference = f"{PROJECT}::normalizer/{name}@{version}"
        await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=document))

    async def listed(self, **asked: Any) -> list[quarantine_pb2.QuarantinedRecord]:
        """List quarantined records."""
        answer = await self.clients.quarantine.ListQuarantinedRecords(quarantine_pb2.ListQuarantinedRecordsRequest(page_size=1000, **asked))
        return list(answer.records)

    async def retry(self, **asked: Any) -> quarantine_pb2.RetryQuarantinedResponse:
        """Retry records."""
        return await self.clients.quarantine.RetryQuarantined(quarantine_pb2.RetryQuarantinedRequest(**asked))

    async def dataset(self) -> dataset_pb2.Dataset:
        """Return the dataset's description, after a check that it is sound and its counts add up."""
        asked = maintenance_pb2.CheckDatasetRequest(dataset="sales-events")
        assert not (await self.clients.maintenance.CheckDataset(asked)).faults
        dataset = await self.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="sales-events"))
        counts, held = dataset.counts, dataset.quarantine
        assert counts.records_in == counts.canonical + counts.duplicates + counts.quarantined
        assert counts.quarantined == held.open + held.retried + held.discarded
        return dataset

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """Wait until the ledger has events of a kind; return the details of all of them."""
        async with asyncio.timeout(60):
            while True:
                answer = await self.clients.audit.ListEvents(audit_pb2.ListEventsRequest(type=kind, page_size=1000))
                if answer.events:
                    return [MessageToDict(event.details) | {"principal": event.principal} for event in answer.events]
                await asyncio.sleep(0.05)


@pytest.fixture
async def case(start_host: StartHost) -> QuarantineCase:
    """A project with quarantined records."""
    case = QuarantineCase(await start_host(*SERVICES))
    await case.begin()
    return case


def states(records: list[quarantine_pb2.QuarantinedRecord]) -> list[str]:
    """Return the records' states, sorted."""
    return sorted(record.state for record in records)


async def by_reason(case: QuarantineCase, reason: str) -> list[str]:
    """Return the ids of records with a reason, by their place."""
    return sorted(record.quarantine_id for record in await case.listed(reason=reason))


async def test_newer_profile_releases_what_it_accepts(case: QuarantineCase) -> None:
    """Records that a newer version accepts become canonical; the others stay, with the rules that they break now."""
    await case.put_newer()
    answer = await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}")

    assert sorted(outcome.state for outcome in answer.outcomes) == ["released", "released", "retried", "retried"]
    assert not answer.next_page_token
    dataset = await case.dataset()
    assert (dataset.rows, dataset.counts.canonical, dataset.counts.quarantined, dataset.counts.records_in) == (5, 5, 2, 7)
    assert (dataset.quarantine.released, dataset.quarantine.retried, dataset.quarantine.open) == (2, 2, 0)
    held = await case.listed(state="retried")
    assert all(record.attempts == 1 and record.retry_violations for record in held)
    assert {record.retry_profile_hash for record in held} == {(await case.frozen(NEW)).hash}


async def test_released_records_are_those_of_a_clean_load(case: QuarantineCase, start_host: StartHost) -> None:
    """After a retry the content hash is that of a dataset that was loaded with the newer profile."""
    await case.put_newer()
    await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}")
    records = await case.clients.dataset.ListDatasetRecords(dataset_pb2.ListDatasetRecordsRequest(dataset="sales-events"))
    places = {(str(record["_raw_sha256"]), str(record["raw_offset"])) for record in records.records}

    assert len(places) == 5
    assert len({sha256 for sha256, _ in places}) == 1
    assert sorted(str(record["event_id"]) for record in records.records) == [f"sale_{n:03d}" for n in (1, 2, 3, 11, 12)]


async def test_retry_with_the_same_profile_finds_the_same(case: QuarantineCase) -> None:
    """A retry with the same profile finds the same violations, is counted, and does not change the dataset."""
    before = await case.dataset()
    await case.retry(filter=ALL)
    await case.retry(filter=ALL)

    dataset = await case.dataset()
    assert dataset.content_hash == before.content_hash
    assert dataset.quarantine.retried == 4
    assert {record.attempts for record in await case.listed()} == {2}
    for record in await case.listed():
        assert [v.reason for v in record.retry_violations] == [v.reason for v in record.violations]


async def test_retry_by_ids_can_be_repeated(case: QuarantineCase) -> None:
    """A repeated retry of the same ids returns their states, and no record is committed twice."""
    await case.put_newer()
    ids = await by_reason(case, "TRANSFORM_FAILED")
    first = await case.retry(quarantine_ids=ids, normalizer_ref=f"{PROJECT}::{NEW}")
    again = await case.retry(quarantine_ids=ids, normalizer_ref=f"{PROJECT}::{NEW}")

    assert sorted(map(str, first.outcomes)) == sorted(map(str, again.outcomes))
    assert (await case.dataset()).rows == 5
    assert len(await case.events("quarantine.retried")) == 1


async def test_racing_retries_release_once(case: QuarantineCase) -> None:
    """Concurrent retries of the same records commit them once."""
    await case.put_newer()
    ids = await by_reason(case, "TRANSFORM_FAILED")
    asked = [ids, ids[:1], ids[1:], list(reversed(ids))]
    await asyncio.gather(*(case.retry(quarantine_ids=each, normalizer_ref=f"{PROJECT}::{NEW}") for each in asked))

    dataset = await case.dataset()
    assert (dataset.rows, dataset.counts.canonical, dataset.counts.duplicates, dataset.quarantine.released) == (5, 5, 0, 2)


async def test_replayed_chunk_stays_replayed(case: QuarantineCase) -> None:
    """A chunk that is repeated after its records were released writes nothing."""
    await case.put_newer()
    await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}")
    before = await case.dataset()
    bad = [sale(number, timestamp="yesterday") for number in (11, 12)]
    answer = await case.normalize(page([sale(1), sale(2), sale(3), *bad, sale(13, totals={}), 7]))

    assert answer.replayed or answer.counts.quarantined == 4
    assert (await case.dataset()).content_hash == before.content_hash
    assert len(await case.listed()) == 4


async def test_released_record_whose_key_is_known_is_a_duplicate(case: QuarantineCase) -> None:
    """A released record with a key that the dataset has by then is a duplicate."""
    await case.normalize(page([sale(11)]))
    edit = json.dumps({"timestamp": sale(11)["timestamp"]})
    await case.clients.quarantine.ReleaseQuarantined(
        quarantine_pb2.ReleaseQuarantinedRequest(
            quarantine_id=(await by_reason(case, "TRANSFORM_FAILED"))[0], justification="the shop received us", merge_patch=edit
        )
    )

    dataset = await case.dataset()
    assert (dataset.rows, dataset.counts.canonical, dataset.counts.duplicates, dataset.counts.quarantined) == (4, 4, 1, 3)


async def test_release_with_a_merge_patch(case: QuarantineCase) -> None:
    """A corrected record has its raw reference and its edit; the status row and the ledger have caller, note and edit."""
    quarantine_id = (await by_reason(case, "TRANSFORM_FAILED"))[0]
    request = quarantine_pb2.ReleaseQuarantinedRequest(
        quarantine_id=quarantine_id, justification="clock of till 4", merge_patch='{"timestamp": "2026-02-02T10:00:00Z"}'
    )
    answer = await case.clients.quarantine.ReleaseQuarantined(request)

    assert answer.outcome.state == "released"
    held = await case.clients.quarantine.GetQuarantinedRecord(quarantine_pb2.GetQuarantinedRecordRequest(quarantine_id=quarantine_id))
    assert hashlib.sha256(held.payload.encode()).hexdigest() == answer.before_sha256 == held.before_sha256
    assert (held.state, held.justification, held.after_sha256) == ("released", "clock of till 4", answer.after_sha256)
    asked = dataset_pb2.ListDatasetRecordsRequest(dataset="sales-events", filter=f"_edit_sha256={answer.after_sha256}")
    record = (await case.clients.dataset.ListDatasetRecords(asked)).records[0]
    assert (record["_raw_sha256"], record["raw_offset"]) == (held.place.sha256, held.place.offset)
    assert record["occurred_at"] == "2026-02-02T10:00:00Z"
    blob = b"".join([part.data async for part in case.clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256=answer.after_sha256))])
    assert json.loads(blob) == {**json.loads(held.payload), "timestamp": "2026-02-02T10:00:00Z"}
    event = (await case.events("quarantine.released"))[0]
    assert (event["before_sha256"], event["after_sha256"]) == (answer.before_sha256, answer.after_sha256)
    assert event["justification"] == "clock of till 4"
    assert (await case.dataset()).quarantine.released == 1


async def test_release_can_be_repeated_and_not_changed(case: QuarantineCase) -> None:
    """A repeated release with the same edit returns the same answer; another edit is refused."""
    quarantine_id = (await by_reason(case, "TRANSFORM_FAILED"))[0]
    patch = '[{"op": "replace", "path": "/timestamp", "value": "2026-02-02T10:00:00Z"}]'
    request = quarantine_pb2.ReleaseQuarantinedRequest(quarantine_id=quarantine_id, justification="why", json_patch=patch)
    first = await case.clients.quarantine.ReleaseQuarantined(request)
    again = await case.clients.quarantine.ReleaseQuarantined(request)
    request.json_patch = patch.replace("T10", "T11")
    with pytest.raises(RemoteError) as refused:
        await case.clients.quarantine.ReleaseQuarantined(request)

    assert again == first
    assert refused.value.remote_reason == "QUARANTINE_SETTLED"
    assert (await case.dataset()).rows == 4


async def test_edit_that_does_not_pass_stays_held_back(case: QuarantineCase) -> None:
    """An edit that breaks the contract leaves the record quarantined with new violations; a valid edit releases it."""
    quarantine_id = (await by_reason(case, "MALFORMED_JSON"))[0]
    request = quarantine_pb2.ReleaseQuarantinedRequest(quarantine_id=quarantine_id, justification="first try", record='{"id": 1}')
    first = await case.clients.quarantine.ReleaseQuarantined(request)
    request.record = json.dumps(sale(14))
    second = await case.clients.quarantine.ReleaseQuarantined(request)

    assert (first.outcome.state, first.outcome.attempts, second.outcome.state) == ("retried", 1, "released")
    assert first.outcome.violations
    assert not second.outcome.violations
    assert (await case.dataset()).rows == 4


@pytest.mark.parametrize(
    "edit",
    [{}, {"json_patch": "{}"}, {"json_patch": '[{"op": "remove", "path": "/nothing"}]'}, {"merge_patch": "{"}, {"record": ""}],
)
async def test_invalid_edit_is_refused(case: QuarantineCase, edit: dict[str, str]) -> None:
    """A missing, malformed or inapplicable edit is INVALID_REQUEST and changes nothing."""
    quarantine_id = (await by_reason(case, "TRANSFORM_FAILED"))[0]
    with pytest.raises(RemoteError) as refused:
        await case.clients.quarantine.ReleaseQuarantined(
            quarantine_pb2.ReleaseQuarantinedRequest(quarantine_id=quarantine_id, justification="why", **edit)  # type: ignore[arg-type]
        )

    assert refused.value.remote_reason == "INVALID_REQUEST"
    assert states(await case.listed()) == ["open"] * 4


async def test_discarded_is_final(case: QuarantineCase) -> None:
    """A discarded record has a ledger entry with its note, can't be retried, and counts as quarantined."""
    ids = await by_reason(case, "MALFORMED_JSON")
    request = quarantine_pb2.DiscardQuarantinedRequest(quarantine_ids=ids, justification="test data of the shop")
    first = await case.clients.quarantine.DiscardQuarantined(request)
    again = await case.clients.quarantine.DiscardQuarantined(request)
    with pytest.raises(RemoteError) as refused:
        await case.retry(quarantine_ids=ids)

    assert [outcome.state for outcome in first.outcomes] == ["discarded"]
    assert again == first
    assert refused.value.remote_reason == "QUARANTINE_SETTLED"
    event = (await case.events("quarantine.discarded"))[0]
    assert event["justification"] == "test data of the shop"
    dataset = await case.dataset()
    assert (dataset.quarantine.discarded, dataset.quarantine.open, dataset.counts.quarantined) == (1, 3, 4)
    assert len((await case.retry(filter=ALL)).outcomes) == 3


async def test_released_record_cannot_be_discarded(case: QuarantineCase) -> None:
    """A discard of several records, one of them released, is refused as a whole."""
    await case.put_newer()
    ids = await by_reason(case, "TRANSFORM_FAILED")
    await case.retry(quarantine_ids=ids[:1], normalizer_ref=f"{PROJECT}::{NEW}")
    with pytest.raises(RemoteError) as refused:
        await case.clients.quarantine.DiscardQuarantined(
            quarantine_pb2.DiscardQuarantinedRequest(quarantine_ids=ids, justification="all of it")
        )

    assert refused.value.remote_reason == "QUARANTINE_SETTLED"
    assert states(await case.listed()) == ["open", "open", "open", "released"]


async def test_other_or_older_profile_is_refused(case: QuarantineCase) -> None:
    """A retry is refused unless it uses the profile that rejected the record, at the same or a later version."""
    await case.put_newer("1.0.9")
    await case.put_newer("2.0.0", name="sales-other")
    for ref in ("sales-default@1.0.9", "sales-other@2.0.0"):
        with pytest.raises(RemoteError) as refused:
            await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::normalizer/{ref}")
        assert refused.value.remote_reason == "INVALID_REQUEST"


async def test_filter_is_walked_in_pages(start_host: StartHost) -> None:
    """More records than a call handles are retried page by page, each once."""
    case = QuarantineCase(await start_host(*SERVICES, limits__quarantine_batch_max=3))
    await case.begin(page([sale(n, timestamp="yesterday") for n in range(5)]))
    await case.normalize(page([sale(n, timestamp="tomorrow") for n in range(5, 10)]))
    await case.put_newer()
    token, tried = "", list[str]()
    for _ in range(20):
        answer = await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}", page_token=token)
        tried += [outcome.quarantine_id for outcome in answer.outcomes]
        token = answer.next_page_token
        if not token:
            break

    assert (len(tried), len(set(tried))) == (10, 10)
    dataset = await case.dataset()
    assert (dataset.rows, dataset.counts.quarantined) == (10, 0)


async def test_listing_by_state_and_time(case: QuarantineCase) -> None:
    """A list can be filtered by state and by the time of capture."""
    await case.clients.quarantine.DiscardQuarantined(
        quarantine_pb2.DiscardQuarantinedRequest(quarantine_ids=await by_reason(case, "MALFORMED_JSON"), justification="no sale")
    )
    records = await case.listed()
    first = records[0].captured_at

    assert states(await case.listed(state="open")) == ["open"] * 3
    assert states(await case.listed(state="discarded")) == ["discarded"]
    assert len(await case.listed(since=first)) == 4
    assert not await case.listed(until=first)
    with pytest.raises(RemoteError) as refused:
        await case.listed(state="gone")
    assert refused.value.remote_reason == "BAD_FILTER"


async def test_ids_or_filter(case: QuarantineCase) -> None:
    """A request with neither ids nor filter, with both, or with an unknown id is refused."""
    ids = [record.quarantine_id for record in await case.listed()]
    for asked in ({}, {"quarantine_ids": ids, "filter": ALL}, {"quarantine_ids": ["q-1"]}):
        with pytest.raises(RemoteError) as refused:
            await case.retry(**asked)
        assert refused.value.remote_reason == "INVALID_REQUEST"
    with pytest.raises(RemoteError) as unknown:
        await case.retry(quarantine_ids=[f"q-{'0' * 32}-0"])
    assert unknown.value.remote_reason == "QUARANTINE_UNKNOWN"


async def test_record_comes_back_without_its_raw_bytes(case: QuarantineCase, tmp_path: Any) -> None:
    """A record can be retried after its raw bytes were deleted, since it has a copy of its payload."""
    raw = tmp_path / "data" / "raw"
    for blob in [path for path in raw.rglob("*") if path.is_file()]:
        blob.unlink()
    await case.put_newer()
    await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}")

    assert (await case.dataset()).rows == 5


async def test_ledger_and_dataset_agree_after_the_way_back(start_host: StartHost) -> None:
    """The consistency check of the project finds no fault after retry, release and discard."""
    case = QuarantineCase(await start_host(*SERVICES, "observer"))
    await case.begin()
    await case.put_newer()
    ids = await by_reason(case, "REQUIRED_FIELD_MISSING")
    await case.clients.quarantine.ReleaseQuarantined(
        quarantine_pb2.ReleaseQuarantinedRequest(quarantine_id=ids[0], justification="why", record=json.dumps(sale(13)))
    )
    await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}")
    await case.clients.quarantine.DiscardQuarantined(quarantine_pb2.DiscardQuarantinedRequest(filter=ALL, justification="the rest"))
    report = await case.clients.observer.RunCheck(observer_pb2.RunCheckRequest())
    assert not list(report.faults)
    dataset = await case.dataset()
    assert (dataset.rows, dataset.quarantine.released, dataset.quarantine.discarded) == (6, 3, 1)


async def test_damage_to_a_dataset_is_a_fault_of_the_check(start_host: StartHost, tmp_path: Path) -> None:
    """The consistency check reports a damaged dataset and reads everything else."""
    case = QuarantineCase(await start_host(*SERVICES, "observer"))
    await case.begin()
    next((tmp_path / "data/canonical/tenant-demo/proj-sales/sales-events").rglob("part-*.parquet")).unlink()
    report = await case.clients.observer.RunCheck(observer_pb2.RunCheckRequest())
    assert [(finding.dataset, finding.version, finding.place) for finding in report.findings] == [("sales-events", 1, "table")]
    assert (report.datasets_checked, report.blobs_checked) == (1, 1)


async def test_sealed_payload_is_for_those_who_may_unseal(start_host: StartHost, tmp_path: Path) -> None:
    """A sealed payload is encrypted on disk, hidden from an engineer, shown to an operator, and can be released."""
    host = await start_host(*SERVICES)
    case = QuarantineCase(host)
    await case.put_domain("sales")
    sealing = next(text for path, text in texts().items() if path.endswith("sales/storage-sales-events@1.0.0.yaml"))
    sealing = sealing.replace("version: 1.0.0", "version: 1.0.1").rstrip() + "\n  quarantine: {payload: sealed}\n"
    reference = f"{PROJECT}::storage/sales-events@1.0.1"
    await case.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=sealing))
    content = page([sale(1), sale(11, timestamp="yesterday", marker="very-private")])
    await case.clients.normalizer.Normalize(
        normalizer_pb2.NormalizeRequest(
            run_id="run_1",
            source_id="sales-http",
            raw=await case.put_blob(content),
            normalizer=await case.frozen(OLD),
            storage=await case.frozen("storage/sales-events@1.0.1"),
            item_key="run_1/0",
        )
    )
    listed = (await case.listed())[0]
    request = quarantine_pb2.GetQuarantinedRecordRequest(quarantine_id=listed.quarantine_id)
    seen: dict[str, str] = {}
    for role in ("engineer", "operator"):
        with scoped(Scope("user:ada", "tenant-demo", "proj-sales", frozenset({role}))):
            seen[role] = (await host.clients("gateway").quarantine.GetQuarantinedRecord(request)).payload

    assert listed.sealed
    assert seen["engineer"] == ""
    assert json.loads(seen["operator"])["marker"] == "very-private"
    rows = [row for path in (tmp_path / "data/canonical/tenant-demo/proj-sales/_quarantine").glob("*.parquet") for row in payloads(path)]
    assert len(rows) == 1
    assert b"very-private" not in rows[0]
    await case.put_newer()
    await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}")
    assert (await case.dataset()).rows == 2


def payloads(path: Path) -> list[bytes]:
    """Return the payloads in a quarantine file."""
    return pq.read_table(path, columns=["payload"]).column("payload").to_pylist()


async def test_rollback_takes_released_records_back(case: QuarantineCase) -> None:
    """After a rollback to before their release, records are quarantined and can be released by another retry."""
    await case.put_newer()
    await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}")
    await case.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=1))
    back = await case.dataset()
    await case.retry(filter=ALL, normalizer_ref=f"{PROJECT}::{NEW}")
    again = await case.dataset()

    assert (back.rows, back.counts.quarantined, back.quarantine.retried, back.quarantine.released) == (3, 4, 4, 0)
    assert (again.rows, again.counts.quarantined, again.quarantine.released) == (5, 2, 2)
