"""A reprocess of a dataset whose quarantined records were settled: corrections and discards stay, other records are decided anew."""

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
from .test_reprocess import SERVICES, Rebuilt

OLD = f"{PROJECT}::normalizer/sales-default@1.1.0"
PATCH = json.dumps({"timestamp": "2026-02-02T10:00:00Z"})


class Settled(QuarantineCase):
    """The pipeline with a page of three good sales and four that are quarantined, and a drone that reprocesses."""

    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self._rebuilt = Rebuilt(host)

    async def put_profile(self, version: str, mapping: str) -> str:
        """Store a version of the profile with another mapping, as YAML."""
        text = texts()["domains/sales/normalizer-sales-default@1.1.0.yaml"].replace("version: 1.1.0", f"version: {version}")
        reference = f"{PROJECT}::normalizer/sales-default@{version}"
        document = f"{text.rstrip()}\n  mapping: {mapping}\n"
        await self.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=reference, document=document))
        return reference

    async def rebuild(self, reference: str) -> orchestrator_pb2.Run:
        """Rebuild the dataset, and give the run."""
        run = await self._rebuilt.finished(
            orchestrator_pb2.ReprocessDatasetRequest(dataset="sales-events", normalizer_ref=reference, dry_run=False)
        )
        assert run.state == orchestrator_pb2.RUN_STATE_SUCCEEDED, run
        return run

    async def whole(self) -> dataset_pb2.Dataset:
        """Describe the dataset, whose rows must be what its counts say, and whose quarantine lists what they count."""
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
        """The dataset's records by event id."""
        asked = dataset_pb2.ListDatasetRecordsRequest(dataset="sales-events", page_size=1000)
        return {str(record["event_id"]): record for record in (await self.clients.dataset.ListDatasetRecords(asked)).records}

    async def id_of(self, reason: str, place: int = 0) -> str:
        """The id of a quarantined record, by reason and order in the raw bytes."""
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
async def way(start_host: Callable[..., Awaitable[Host]]) -> AsyncIterator[Settled]:
    """The pipeline and its page: three good sales, two without an instant, one without an amount, a number."""
    async with AsyncExitStack() as stack:
        host = await start_host(*SERVICES)
        stack.enter_context(scoped(ENGINEER))
        way = Settled(host)
        await way.begin(page([*(sale(n) for n in (1, 2, 3)), *(sale(n, timestamp="yesterday") for n in (11, 12)), sale(13, totals={}), 7]))
        drone = DroneWorker(host.config, "drone-1")
        await drone.start()
        stack.push_async_callback(drone.stop)
        yield way


async def test_corrected_and_discarded_records_stay_so(way: Settled) -> None:
    """Also when the new profile accepts their raw bytes; each is counted once, through two rebuilds and the rollback of one."""
    edited = await way.release(await way.id_of("TRANSFORM_FAILED"))
    await way.discard(await way.id_of("TRANSFORM_FAILED", 1))
    before = await way.whole()
    assert (before.rows, before.counts.quarantined) == (4, 3)

    # Accepts any instant, so it would take both.
    first = await way.rebuild(await way.put_profile("1.2.0", '{occurred_at: {const: "2026-03-03T12:00:00Z"}}'))
    diff = first.reprocess.diff
    assert (diff.changed, diff.appear, diff.vanish, diff.newly_quarantined, diff.no_longer_quarantined) == (3, 0, 0, 0, 0)
    assert (diff.edited, diff.discarded, diff.outside, diff.rows) == (1, 1, 1, 4)
    after = await way.whole()
    assert (after.rows, after.counts) == (4, before.counts)
    assert (await way.records())["sale_011"]["occurred_at"] == "2026-02-02T10:00:00Z"

    await way.rebuild(await way.put_profile("1.3.0", '{occurred_at: {const: "2026-04-04T12:00:00Z"}}'))
    assert (await way.whole()).counts == before.counts
    released = next(record for record in await way.listed(state="released"))
    assert (released.justification, released.after_sha256) == ("clock of till 4", edited.after_sha256)
    assert [violation.reason for violation in released.violations] == ["TRANSFORM_FAILED"]
    with pytest.raises(RemoteError) as refused:
        await way.release(released.quarantine_id, json.dumps({"timestamp": "2026-02-02T11:00:00Z"}))
    assert refused.value.remote_reason == "QUARANTINE_SETTLED"

    await way.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=before.version))
    again = await way.whole()
    assert (again.content_hash, again.counts) == (before.content_hash, before.counts)


async def test_a_rebuild_with_the_same_profile_keeps_what_is_settled(way: Settled) -> None:
    """The records' ids are the same then, and so is all that they say."""
    await way.release(await way.id_of("TRANSFORM_FAILED"))
    await way.discard(await way.id_of("MALFORMED_JSON"))
    before = await way.whole()
    await way.rebuild(OLD)
    after = await way.whole()
    assert (after.content_hash, after.counts) == (before.content_hash, before.counts)
    assert after.version == before.version + 1


async def test_records_that_a_profile_let_in_follow_the_next_one(way: Settled) -> None:
    """A retry let them in with one version; rebuilt with the next they are that version's, and there once."""
    newer = await way.put_profile("1.2.0", '{occurred_at: {const: "2026-03-03T12:00:00Z"}}')
    await way.retry(filter=quarantine_pb2.QuarantineFilter(dataset="sales-events"), normalizer_ref=newer)
    before = await way.whole()
    assert (before.rows, before.quarantine.released, before.quarantine.retried) == (5, 2, 2)

    diff = (await way.rebuild(await way.put_profile("1.3.0", '{occurred_at: {const: "2026-04-04T12:00:00Z"}}'))).reprocess.diff
    assert (diff.changed, diff.unchanged, diff.outside, diff.newly_quarantined, diff.no_longer_quarantined) == (5, 0, 0, 0, 0)
    after = await way.whole()
    assert (after.rows, after.counts.canonical, after.counts.quarantined, after.counts.duplicates) == (5, 5, 2, 0)
    assert {record["occurred_at"] for record in (await way.records()).values()} == {"2026-04-04T12:00:00Z"}


async def test_a_rebuild_with_the_older_profile_holds_them_back_again(way: Settled) -> None:
    """They wait again, and may be retried; a rollback brings them in again."""
    newer = await way.put_profile("1.2.0", '{occurred_at: {const: "2026-03-03T12:00:00Z"}}')
    asked = quarantine_pb2.QuarantineFilter(dataset="sales-events", reason="TRANSFORM_FAILED")
    await way.retry(filter=asked, normalizer_ref=newer)
    before = await way.whole()
    assert (before.rows, before.quarantine.released) == (5, 2)

    await way.rebuild(OLD)
    held = await way.whole()
    assert (held.rows, held.quarantine.released, held.quarantine.retried) == (3, 0, 2)
    await way.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=before.version))
    assert (await way.whole()).counts == before.counts
    await way.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=held.version))
    await way.retry(filter=asked, normalizer_ref=newer)
    again = await way.whole()
    assert (again.rows, again.content_hash) == (before.rows, before.content_hash)


async def test_a_profile_that_comes_back_by_way_of_another_holds_them_back_again(way: Settled) -> None:
    """Their ids are those of old then; what let them in back then doesn't count any more, and they may be retried."""
    newer = await way.put_profile("1.2.0", '{occurred_at: {const: "2026-03-03T12:00:00Z"}}')
    asked = quarantine_pb2.QuarantineFilter(dataset="sales-events", reason="TRANSFORM_FAILED")
    await way.retry(filter=asked, normalizer_ref=newer)
    before = await way.whole()
    await way.rebuild(newer)
    await way.rebuild(OLD)
    held = await way.whole()
    assert (held.rows, held.quarantine.released, held.quarantine.retried) == (3, 0, 2)

    await way.retry(filter=asked, normalizer_ref=newer)
    assert ((await way.whole()).content_hash, (await way.whole()).rows) == (before.content_hash, before.rows)


async def test_what_a_rebuild_lets_in_is_not_counted_as_held_back(way: Settled) -> None:
    """The same holds for a record that was corrected under the id that it would have, if a rollback undid the correction."""
    loaded = await way.whole()
    await way.release(await way.id_of("TRANSFORM_FAILED"))
    newer = await way.put_profile("1.2.0", '{occurred_at: {const: "2026-03-03T12:00:00Z"}}')
    await way.rebuild(newer)
    corrected = await way.whole()
    rollback = reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=loaded.version)
    await way.clients.reprocess.RollbackDataset(rollback)
    await way.rebuild(newer)
    after = await way.whole()
    assert (after.rows, after.quarantine.open, after.quarantine.retried) == (5, 2, 0)

    rollback.version = corrected.version
    await way.clients.reprocess.RollbackDataset(rollback)
    again = await way.whole()
    assert (again.content_hash, again.quarantine) == (corrected.content_hash, corrected.quarantine)


async def test_a_chunk_that_comes_again_after_a_rollback_knows_what_was_given_up(way: Settled) -> None:
    """It was discarded for good; it counts so, and is shown so."""
    more = page([sale(21), sale(22, timestamp="yesterday"), sale(23, totals={})])
    first, held = await way.whole(), {record.quarantine_id for record in await way.listed()}
    await way.normalize(more)
    await way.discard(next(record.quarantine_id for record in await way.listed() if record.quarantine_id not in held))
    before = await way.whole()
    assert before.quarantine.discarded == 1
    await way.clients.reprocess.RollbackDataset(reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=first.version))
    assert (await way.whole()).quarantine.discarded == 0
    await way.normalize(more)
    after = await way.whole()
    assert (after.content_hash, after.quarantine) == (before.content_hash, before.quarantine)
