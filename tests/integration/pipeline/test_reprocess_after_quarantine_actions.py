"""A reprocess after records were corrected or discarded: these decisions stay, other records are decided by the new profile."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from chartly.drone.worker import DroneWorker
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import scoped
from chartly.profiles.packaged import texts
from chartly.v1 import dataset_pb2, orchestrator_pb2, quarantine_pb2, registry_pb2, reprocess_pb2

from .conftest import ENGINEER, PROJECT, page, sale
from .test_quarantine_actions import QuarantineCase
from .test_reprocess import SERVICES, ReprocessCase

OLD = f"{PROJECT}::normalizer/sales-default@1.1.0"
PATCH = json.dumps({"timestamp": "2026-02-02T10:00:00Z"})


class Settled(QuarantineCase):
    """The pipeline with a page of three good sales and four quarantined ones, and a drone that reprocesses."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._rebuilt = ReprocessCase(host)

    async def put_profile(self, version: str, mapping: str) -> str:
        """Store a version of the profile with another mapping, as YAML."""
        text = texts()["domains/sales/normalizer-sales-default@1.1.0.yaml"].replace("version: 1.1.0", f"version: {version}")
        reference = f"{PROJECT}::normalizer/sales-default@{version}"
        document = f"{text.rstrip()}\n  mapping: {mapping}\n"
        await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=document))
        return reference

    async def rebuild(self, reference: str) -> orchestrator_pb2.Run:
        """Reprocess the dataset, and return the run."""
        run = await self._rebuilt.finished(
            orchestrator_pb2.ReprocessDatasetRequest(dataset="sales-events", normalizer_ref=reference, dry_run=False)
        )
        assert run.state == orchestrator_pb2.RUN_STATE_SUCCEEDED, run
        return run

    async def whole(self) -> dataset_pb2.Dataset:
        """Return the dataset's description, after a check that rows and quarantine agree with the counts."""
        dataset = await self.dataset()
        assert dataset.rows == dataset.counts.canonical
        states = [record.state for record in await self.listed()]
        assert {state: states.count(state) for state in ("open", "retried", "released", "discarded")} == {
            "open": dataset.quarantine.open,
            "retried": dataset.quarantine.retried,
            "released": dataset.quarantine.released,
            "discarded": dataset.quarantine.discarded,
        }
        return dataset

    async def records(self) -> dict[str, Any]:
        """Return the dataset's records by event id."""
        asked = dataset_pb2.ListDatasetRecordsRequest(dataset="sales-events", page_size=1000)
        return {str(record["event_id"]): record for record in (await self.clients.dataset.ListDatasetRecords(asked)).records}

    async def id_of(self, reason: str, place: int = 0) -> str:
        """Return the id of a quarantined record, by reason and order in the raw bytes."""
        held = sorted(await self.listed(reason=reason), key=lambda record: record.place.offset)
        return held[place].quarantine_id

    async def release(self, quarantine_id: str, patch: str = PATCH) -> quarantine_pb2.ReleaseQuarantinedResponse:
        """Correct a record."""
        request = quarantine_pb2.ReleaseQuarantinedRequest(quarantine_id=quarantine_id, justification="clock of till 4", merge_patch=patch)
        return await self.clients.quarantine.ReleaseQuarantined(request)

    async def discard(self, quarantine_id: str) -> None:
        """Discard a record."""
        request = quarantine_pb2.DiscardQuarantinedRequest(quarantine_ids=[quarantine_id], justification="a test of the shop")
        await self.clients.quarantine.DiscardQuarantined(request)


@pytest.fixture
async def settled(start_host: Callable[..., Awaitable[Host]]) -> AsyncIterator[Settled]:
    """The pipeline and its page: three good sales, two without an instant, one without an amount, a number."""
    async with AsyncExitStack() as stack:
        host = await start_host(*SERVICES)
        stack.enter_context(scoped(ENGINEER))
        settled = Settled(host)
        await settled.begin(
            page([*(sale(n) for n in (1, 2, 3)), *(sale(n, timestamp="yesterday") for n in (11, 12)), sale(13, totals={}), 7])
        )
        drone = DroneWorker(host.config, "drone-1")
        await drone.start()
        stack.push_async_callback(drone.stop)
        yield settled


async def test_corrected_and_discarded_records_stay_so(settled: Settled) -> None:
    """Corrected and discarded records stay so when the new profile accepts their raw bytes, through two reprocesses and a rollback."""
    edited = await settled.release(await settled.id_of("TRANSFORM_FAILED"))
    await settled.discard(await settled.id_of("TRANSFORM_FAILED", 1))
    before = await settled.whole()
    assert (before.rows, before.counts.quarantined) == (4, 3)

    # Accepts any instant, so it would take both.
    first = await settled.rebuild(await settled.put_profile("1.2.0", '{occurred_at: {const: "2026-03-03T12:00:00Z"}}'))
    diff = first.reprocess.diff
    assert (diff.changed, diff.appear, diff.vanish, diff.newly_quarantined, diff.no_longer_quarantined) == (3, 0, 0, 0, 0)
    assert (diff.edited, diff.discarded, diff.outside, diff.rows) == (1, 1, 1, 4)
    after = await settled.whole()
    assert (after.rows, after.counts) == (4, before.counts)
    assert (await settled.records())["sale_011"]["occurred_at"] == "2026-02-02T10:00:00Z"

    await settled.rebuild(await settled.put_profile("1.3.0", '{occurred_at: {const: "2026-04-04T12:00:00Z"}}'))
    assert (await settled.whole()).counts == before.counts
    released = next(record for record in await settled.listed(state="released"))
    assert (released.justification, released.after_sha256) == ("clock of till 4", edited.after_sha256)
    assert [violation.reason for violation in released.violations] == ["TRANSFORM_FAILED"]
    with pytest.raises(RemoteError) as refused:
        await settled.release(released.quarantine_id, json.dumps({"timestamp": "2026-02-02T11:00:00Z"}))
    assert refused.value.remote_reason == "QUARANTINE_SETTLED"

    await settled.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=before.version))
    again = await settled.whole()
    assert (again.content_hash, again.counts) == (before.content_hash, before.counts)


async def test_reprocess_with_the_same_profile_keeps_decisions(settled: Settled) -> None:
    """A reprocess with the same profile keeps the records' ids and their quarantine status."""
    await settled.release(await settled.id_of("TRANSFORM_FAILED"))
    await settled.discard(await settled.id_of("MALFORMED_JSON"))
    before = await settled.whole()
    await settled.rebuild(OLD)
    after = await settled.whole()
    assert (after.content_hash, after.counts) == (before.content_hash, before.counts)
    assert after.version == before.version + 1


async def test_released_records_follow_the_next_profile(settled: Settled) -> None:
    """A record that a retry released with one version has the next version after a reprocess, and is stored once."""
    newer = await settled.put_profile("1.2.0", '{occurred_at: {const: "2026-03-03T12:00:00Z"}}')
    await settled.retry(filter=quarantine_pb2.QuarantineFilter(dataset="sales-events"), normalizer_ref=newer)
    before = await settled.whole()
    assert (before.rows, before.quarantine.released, before.quarantine.retried) == (5, 2, 2)

    diff = (await settled.rebuild(await settled.put_profile("1.3.0", '{occurred_at: {const: "2026-04-04T12:00:00Z"}}'))).reprocess.diff
    assert (diff.changed, diff.unchanged, diff.outside, diff.newly_quarantined, diff.no_longer_quarantined) == (5, 0, 0, 0, 0)
    after = await settled.whole()
    assert (after.rows, after.counts.canonical, after.counts.quarantined, after.counts.duplicates) == (5, 5, 2, 0)
    assert {record["occurred_at"] for record in (await settled.records()).values()} == {"2026-04-04T12:00:00Z"}


async def test_reprocess_with_the_older_profile_quarantines_them(settled: Settled) -> None:
    """A reprocess with the older profile quarantines released records, which can be retried; a rollback restores them."""
    newer = await settled.put_profile("1.2.0", '{occurred_at: {const: "2026-03-03T12:00:00Z"}}')
    asked = quarantine_pb2.QuarantineFilter(dataset="sales-events", reason="TRANSFORM_FAILED")
    await settled.retry(filter=asked, normalizer_ref=newer)
    before = await settled.whole()
    assert (before.rows, before.quarantine.released) == (5, 2)

    await settled.rebuild(OLD)
    held = await settled.whole()
    assert (held.rows, held.quarantine.released, held.quarantine.retried) == (3, 0, 2)
    await settled.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=before.version))
    assert (await settled.whole()).counts == before.counts
    await settled.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=held.version))
    await settled.retry(filter=asked, normalizer_ref=newer)
    again = await settled.whole()
    assert (again.rows, again.content_hash) == (before.rows, before.content_hash)


async def test_reprocess_back_to_a_former_profile_quarantines_them(settled: Settled) -> None:
    """After a reprocess back to a former profile, records have their former quarantine ids and can be retried."""
    newer = await settled.put_profile("1.2.0", '{occurred_at: {const: "2026-03-03T12:00:00Z"}}')
    asked = quarantine_pb2.QuarantineFilter(dataset="sales-events", reason="TRANSFORM_FAILED")
    await settled.retry(filter=asked, normalizer_ref=newer)
    before = await settled.whole()
    await settled.rebuild(newer)
    await settled.rebuild(OLD)
    held = await settled.whole()
    assert (held.rows, held.quarantine.released, held.quarantine.retried) == (3, 0, 2)

    await settled.retry(filter=asked, normalizer_ref=newer)
    assert ((await settled.whole()).content_hash, (await settled.whole()).rows) == (before.content_hash, before.rows)


async def test_records_that_a_reprocess_accepts_are_not_quarantined(settled: Settled) -> None:
    """A record that a reprocess accepts is not counted as quarantined, also after a rollback of its correction."""
    loaded = await settled.whole()
    await settled.release(await settled.id_of("TRANSFORM_FAILED"))
    newer = await settled.put_profile("1.2.0", '{occurred_at: {const: "2026-03-03T12:00:00Z"}}')
    await settled.rebuild(newer)
    corrected = await settled.whole()
    rollback = reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=loaded.version)
    await settled.clients.reprocess.RollbackDataset(rollback)
    await settled.rebuild(newer)
    after = await settled.whole()
    assert (after.rows, after.quarantine.open, after.quarantine.retried) == (5, 2, 0)

    rollback.version = corrected.version
    await settled.clients.reprocess.RollbackDataset(rollback)
    again = await settled.whole()
    assert (again.content_hash, again.quarantine) == (corrected.content_hash, corrected.quarantine)


async def test_chunk_repeated_after_a_rollback_keeps_discards(settled: Settled) -> None:
    """A discarded record stays discarded when its chunk is committed another time after a rollback."""
    more = page([sale(21), sale(22, timestamp="yesterday"), sale(23, totals={})])
    first, held = await settled.whole(), {record.quarantine_id for record in await settled.listed()}
    await settled.normalize(more)
    await settled.discard(next(record.quarantine_id for record in await settled.listed() if record.quarantine_id not in held))
    before = await settled.whole()
    assert before.quarantine.discarded == 1
    await settled.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=first.version))
    assert (await settled.whole()).quarantine.discarded == 0
    await settled.normalize(more)
    after = await settled.whole()
    assert (after.content_hash, after.quarantine) == (before.content_hash, before.quarantine)
