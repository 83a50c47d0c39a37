"""Execute each kind of task: call the service that does it, and return a typed outcome. What follows is the orchestrator's decision."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from chartly.platform.errors import InvalidArgument, error
from chartly.platform.rpc.clients import Clients
from chartly.v1 import aggregator_pb2, analytics_pb2, connector_hub_pb2, normalizer_pb2
from chartly.v1 import coordinator_pb2 as pb

from . import reprocess_tasks

PAGES_A_SYNC = 4
"""Pages of one sync: the first are normalized while the next are fetched, and at ten pages a minute one call still meets its deadline."""


@error(reason="INVALID_REQUEST")
class WorkMalformed(InvalidArgument):
    """The work item has no task of a kind that this drone knows."""

    work_id: str


@dataclass(frozen=True)
class TaskResult:
    """What a task did: the outcome for the orchestrator, and the facts for the aggregator's report."""

    outcome: pb.WorkOutcome
    report: dict[str, Any] = field(default_factory=dict[str, Any])


Execute = Callable[[pb.WorkItem, Clients], Awaitable[TaskResult]]


async def connector_sync(item: pb.WorkItem, clients: Clients) -> TaskResult:
    """Fetch the next pages of a source."""
    task = item.task.connector_sync
    request = connector_hub_pb2.SyncSourceRequest(
        run_id=item.run_id,
        connector=task.connector,
        pages_max=PAGES_A_SYNC,
        sequence=task.sequence,
        continues_run_id=task.continues_run_id,
    )
    answer = await clients.connector_hub.SyncSource(request)
    outcome = pb.SyncOutcome(pages=answer.pages, finished=answer.finished, requests=answer.requests, retries=answer.retries)
    return TaskResult(pb.WorkOutcome(connector_sync=outcome))


async def normalize(item: pb.WorkItem, clients: Clients) -> TaskResult:
    """Normalize one page and commit its records."""
    task = item.task.normalize
    request = normalizer_pb2.NormalizeRequest(
        run_id=item.run_id,
        source_id=item.source_id,
        raw=task.raw,
        normalizer=task.normalizer,
        storage=task.storage,
        item_key=item.work_key,
    )
    answer = await clients.normalizer.Normalize(request)
    outcome = pb.NormalizeOutcome(counts=answer.counts, quarantine_reasons=answer.quarantine_reasons)
    report = {"dataset": answer.dataset, "counts": answer.counts, "quarantine_reasons": answer.quarantine_reasons}
    return TaskResult(pb.WorkOutcome(normalize=outcome), report)


async def analytics_query(item: pb.WorkItem, clients: Clients) -> TaskResult:
    """Run a rollup."""
    request = analytics_pb2.RunRollupRequest(run_id=item.run_id, analytics=item.task.analytics_query.analytics)
    answer = await clients.analytics.RunRollup(request)
    return TaskResult(pb.WorkOutcome(analytics_query=pb.RollupOutcome(dataset=answer.dataset)), {"dataset": answer.dataset})


def _without_report(execute: Callable[[pb.WorkItem, Clients], Awaitable[pb.WorkOutcome]]) -> Execute:
    """Wrap a function whose outcome has nothing for the aggregator's report."""

    async def wrapped(item: pb.WorkItem, clients: Clients) -> TaskResult:
        return TaskResult(await execute(item, clients))

    return wrapped


KINDS: Mapping[str, Execute] = MappingProxyType(
    {
        "connector_sync": connector_sync,
        "normalize": normalize,
        "analytics_query": analytics_query,
        "reprocess_plan": _without_report(reprocess_tasks.plan),
        "reprocess_normalize": _without_report(reprocess_tasks.normalize),
        "reprocess_diff": _without_report(reprocess_tasks.compare),
        "reprocess_apply": _without_report(reprocess_tasks.apply),
    }
)
"""By the field of WorkTask that is set."""


def kind_of(item: pb.WorkItem) -> str:
    """Return the kind of an item's task; empty for a kind that this drone's protos don't know."""
    return item.task.WhichOneof("task") or ""


async def execute(item: pb.WorkItem, clients: Clients) -> TaskResult:
    """Execute the task of an item.

    Raises:
        WorkMalformed: this drone doesn't know the kind of the task.
        RemoteError: the error that the service returned.
    """
    kind = KINDS.get(kind_of(item))
    if kind is None:
        raise WorkMalformed(item.work_id)
    return await kind(item, clients)


def report(item: pb.WorkItem, drone_id: str, outcome: str, duration_ms: int, **facts: Any) -> aggregator_pb2.WorkResult:
    """Return the aggregator's report of an item."""
    made = aggregator_pb2.WorkResult(
        work_id=item.work_id,
        run_id=item.run_id,
        drone_id=drone_id,
        kind=kind_of(item),
        source_id=item.source_id,
        outcome=outcome,
        duration_ms=duration_ms,
        **facts,
    )
    made.finished_at.GetCurrentTime()
    return made
