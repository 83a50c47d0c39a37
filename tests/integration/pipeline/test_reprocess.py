"""A run reprocesses a dataset with a new version of its normalizer profile: dry run, application, rollback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from chartly.drone.worker import DroneWorker
from chartly.platform.errors import RemoteError
from chartly.platform.host import Host
from chartly.platform.identity.scope import scoped
from chartly.profiles.packaged import texts
from chartly.v1 import audit_pb2, coordinator_pb2, dataset_pb2, observer_pb2, registry_pb2, reprocess_pb2
from chartly.v1 import orchestrator_pb2 as pb

from .conftest import ENGINEER, PROJECT, Pipeline, page, sale
from .test_normalizer import normalize

SERVICES = (
    "registry",
    "storage",
    "audit",
    "normalizer",
    "orchestrator",
    "coordinator",
    "aggregator",
    "observer",
    "connector_hub",
    "analytics",
)
NEWER = f"{PROJECT}::normalizer/sales-default@2.0.0"
# Customers are taken from elsewhere, so every record changes.
_NO_CUSTOMER = '  mapping:\n    customer_id: "$.totals.currency"\n'


class ReprocessCase:
    """A pipeline with two pages loaded, and a newer profile that reads customers from another field."""

    def __init__(self, host: Host) -> None:
        self.pipeline = Pipeline(host)
        self.clients = host.clients("test")

    async def load(self) -> None:
        """Store the profiles and load the pages."""
        await self.pipeline.put_domain("sales")
        document = texts()["domains/sales/normalizer-sales-default@1.1.0.yaml"].replace("version: 1.1.0", "version: 2.0.0")
        document = document.rstrip("\n") + "\n" + _NO_CUSTOMER
        await self.pipeline.clients.registry.PutProfile(registry_pb2.PutProfileRequest(ref=NEWER, document=document))
        for number in range(2):
            records = [sale(number * 10 + at) for at in range(12)]
            raw = await self.pipeline.put_blob(page([*records, {"id": number}]))
            await normalize(self.pipeline, raw, "run_1", f"run_1/{number}")

    async def finished(self, request: pb.ReprocessDatasetRequest) -> pb.Run:
        """Start a reprocess and wait for its end."""
        run = await self.clients.orchestrator.ReprocessDataset(request)
        async with asyncio.timeout(120):
            async for message in self.clients.orchestrator.WatchRun(pb.WatchRunRequest(run_id=run.run_id)):
                run = message.run
        return run

    async def dataset(self) -> dataset_pb2.Dataset:
        """Describe the dataset."""
        return await self.clients.dataset.GetDataset(dataset_pb2.GetDatasetRequest(dataset="sales-events"))

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """Wait until the ledger has events of a kind; return them."""
        async with asyncio.timeout(60):
            while True:
                found = (await self.clients.audit.ListEvents(audit_pb2.ListEventsRequest(type=kind))).events
                if found:
                    return [MessageToDict(event, preserving_proto_field_name=True) for event in found]
                await asyncio.sleep(0.05)


@pytest.fixture
async def rebuilt(start_host: Callable[..., Awaitable[Host]]) -> AsyncIterator[ReprocessCase]:
    """The pipeline, its pages and a drone."""
    async with AsyncExitStack() as stack:
        host = await start_host(*SERVICES)
        stack.enter_context(scoped(ENGINEER))
        made = ReprocessCase(host)
        await made.load()
        drone = DroneWorker(host.config, "drone-1")
        await drone.start()
        stack.push_async_callback(drone.stop)
        yield made


async def test_failed_reprocess_leaves_no_dead_letter(rebuilt: ReprocessCase) -> None:
    """The work of a reprocess that failed is deleted from the queue, since it can't be retried or discarded."""
    request = pb.ReprocessDatasetRequest(dataset="sales-events", normalizer_ref=NEWER)
    request.until.FromJsonString("2001-01-01T00:00:00Z")
    run = await rebuilt.finished(request)
    assert (run.state, run.reason) == (pb.RUN_STATE_FAILED, "REPROCESS_EMPTY")
    async with asyncio.timeout(60):
        while True:
            stats = await rebuilt.clients.coordinator.GetQueueStats(coordinator_pb2.GetQueueStatsRequest())
            if not stats.dead_letters:
                break
            await asyncio.sleep(0.05)
    assert not (await rebuilt.clients.orchestrator.ListDeadLetters(pb.ListDeadLettersRequest())).dead_letters


async def test_dry_run_is_applied_and_rolled_back(rebuilt: ReprocessCase) -> None:
    """An applied dry run is one version; ledger, table and blobs agree before and after its rollback."""
    before = await rebuilt.dataset()
    dry = await rebuilt.finished(pb.ReprocessDatasetRequest(dataset="sales-events", normalizer_ref=NEWER))
    assert dry.state == pb.RUN_STATE_SUCCEEDED, dry
    assert [(step.name, step.work_done, step.work_total) for step in dry.steps] == [("plan", 1, 1), ("normalize", 2, 2), ("diff", 1, 1)]
    diff = dry.reprocess.diff
    assert (diff.chunks, diff.changed, diff.unchanged, diff.appear, diff.vanish) == (2, 22, 0, 0, 0)
    assert (await rebuilt.dataset()) == before

    review = pb.ReprocessDatasetRequest(dataset="sales-events", reviewed_run_id=dry.run_id, dry_run=False)
    applied = await rebuilt.finished(review)
    assert applied.state == pb.RUN_STATE_SUCCEEDED, applied
    after = await rebuilt.dataset()
    assert (after.version, after.content_hash) == (before.version + 1, diff.content_hash)
    assert applied.reprocess.version == after.version
    answer = (await rebuilt.events("dataset.reprocessed"))[0]
    assert (answer["run_id"], answer["details"]["content_hash"], answer["details"]["base_version"]) == (
        applied.run_id,
        after.content_hash,
        before.version,
    )
    assert answer["principal"] == "user:ada"
    check = await rebuilt.clients.observer.RunCheck(observer_pb2.RunCheckRequest())
    assert (list(check.faults), check.complete) == ([], True)

    request = reprocess_pb2.RollbackDatasetRequest(dataset="sales-events", version=before.version)
    await rebuilt.clients.reprocess.RollbackDataset(request)
    again = await rebuilt.dataset()
    assert (again.version, again.content_hash, again.rows) == (after.version + 1, before.content_hash, before.rows)
    back = (await rebuilt.events("dataset.rolled_back"))[0]
    assert (back["details"]["restored_version"], back["details"]["content_hash"]) == (before.version, before.content_hash)
    check = await rebuilt.clients.observer.RunCheck(observer_pb2.RunCheckRequest())
    assert (list(check.faults), check.complete) == ([], True)


async def test_one_run_may_compare_and_apply(rebuilt: ReprocessCase) -> None:
    """A run may compare and apply at once; an earlier dry run is stale then, and applying it fails and changes nothing."""
    dry = await rebuilt.finished(pb.ReprocessDatasetRequest(dataset="sales-events", normalizer_ref=NEWER))
    whole = await rebuilt.finished(pb.ReprocessDatasetRequest(dataset="sales-events", normalizer_ref=NEWER, dry_run=False))
    assert whole.state == pb.RUN_STATE_SUCCEEDED, whole
    assert [step.name for step in whole.steps] == ["plan", "normalize", "diff", "apply"]
    after = await rebuilt.dataset()
    assert whole.reprocess.version == after.version
    late = await rebuilt.finished(pb.ReprocessDatasetRequest(dataset="sales-events", reviewed_run_id=dry.run_id, dry_run=False))
    assert (late.state, late.reason) == (pb.RUN_STATE_FAILED, "REPROCESS_STALE")
    assert (await rebuilt.dataset()) == after


async def test_nothing_in_scope_fails_the_run(rebuilt: ReprocessCase) -> None:
    """A reprocess without a chunk in scope fails with its reason, and normalizes nothing."""
    run = await rebuilt.finished(pb.ReprocessDatasetRequest(dataset="sales-events", normalizer_ref=NEWER, replaces="other"))
    assert (run.state, run.reason) == (pb.RUN_STATE_FAILED, "REPROCESS_EMPTY")


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.ReprocessDatasetRequest(dataset="sales-events"), "normalizer_ref"),
        (pb.ReprocessDatasetRequest(dataset="sales-events", reviewed_run_id="run_x"), "dry_run"),
        (pb.ReprocessDatasetRequest(dataset="sales-events", normalizer_ref=f"{PROJECT}::storage/sales-events@1.0.0"), "normalizer_ref"),
    ],
)
async def test_a_request_that_does_not_fit_together_is_refused(
    start_host: Callable[..., Awaitable[Host]], request_: pb.ReprocessDatasetRequest, field: str
) -> None:
    """The error of a contradictory request names the field."""
    host = await start_host("orchestrator")
    with scoped(ENGINEER), pytest.raises(RemoteError) as refused:
        await host.clients("test").orchestrator.ReprocessDataset(request_)
    assert refused.value.remote_reason == "INVALID_REQUEST"
    assert field in [violation.field for violation in refused.value.violations]
