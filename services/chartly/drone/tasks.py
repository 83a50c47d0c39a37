"""What each kind of work is: which service does it, and what it answers.

The answers go to the orchestrator as JSON, field names as in the protos. What follows from them is its matter.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from chartly.platform.errors import InvalidArgument, error
from chartly.platform.rpc.clients import Clients
from chartly.v1 import aggregator_pb2, analytics_pb2, common_pb2, connector_hub_pb2, coordinator_pb2, normalizer_pb2

from . import reprocess_tasks

PAGES_A_SYNC = 4
"""Pages of one sync: the first are normalized while the next are fetched, and at ten pages a minute one call still meets its deadline."""


@error(reason="INVALID_REQUEST")
class WorkMalformed(InvalidArgument):
    """The work item's payload is not what its kind defines, or this drone doesn't know the kind."""

    kind: str
    problem: str


@dataclass(frozen=True)
class TaskResult:
    """What came of an item: the result for who asked, and the facts for the aggregator's report."""

    result: dict[str, Any]
    report: dict[str, Any] = field(default_factory=dict[str, Any])


Kind = Callable[[coordinator_pb2.WorkItem, Clients], Awaitable[TaskResult]]


async def connector_sync(item: coordinator_pb2.WorkItem, clients: Clients) -> TaskResult:
    """Fetch the next pages of a source."""
    payload = _payload(item)
    request = connector_hub_pb2.SyncSourceRequest(
        run_id=item.run_id,
        connector=_frozen(payload, "connector"),
        pages_max=PAGES_A_SYNC,
        sequence=int(payload.get("sequence", 0)),
        continues_run_id=str(payload.get("continues_run_id", "")),
    )
    answer = await clients.connector_hub.SyncSource(request)
    return TaskResult(_json(answer))


async def normalize(item: coordinator_pb2.WorkItem, clients: Clients) -> TaskResult:
    """Turn one page into committed records."""
    payload = _payload(item)
    request = normalizer_pb2.NormalizeRequest(
        run_id=item.run_id,
        source_id=item.source_id,
        raw=json_format.ParseDict(payload.get("raw", {}), common_pb2.RawRef(), ignore_unknown_fields=True),
        normalizer=_frozen(payload, "normalizer"),
        storage=_frozen(payload, "storage"),
        item_key=item.work_key,
    )
    answer = await clients.normalizer.Normalize(request)
    report = {"dataset": answer.dataset, "counts": answer.counts, "quarantine_reasons": answer.quarantine_reasons}
    return TaskResult(_json(answer), report)


async def analytics_query(item: coordinator_pb2.WorkItem, clients: Clients) -> TaskResult:
    """Run a rollup."""
    request = analytics_pb2.RunRollupRequest(run_id=item.run_id, analytics=_frozen(_payload(item), "analytics"))
    answer = await clients.analytics.RunRollup(request)
    return TaskResult(_json(answer), {"dataset": answer.dataset})


def _as_it_is(do: Callable[[coordinator_pb2.WorkItem, Clients], Awaitable[dict[str, Any]]]) -> Kind:
    """A kind whose result says all that there is to report."""

    async def kind(item: coordinator_pb2.WorkItem, clients: Clients) -> TaskResult:
        return TaskResult(await do(item, clients))

    return kind


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "connector_sync": connector_sync,
        "normalize": normalize,
        "analytics_query": analytics_query,
        "reprocess_plan": _as_it_is(reprocess_tasks.plan),
        "reprocess_normalize": _as_it_is(reprocess_tasks.normalize),
        "reprocess_diff": _as_it_is(reprocess_tasks.compare),
        "reprocess_apply": _as_it_is(reprocess_tasks.apply),
    }
)


async def execute(item: coordinator_pb2.WorkItem, clients: Clients) -> TaskResult:
    """Do an item.

    Raises:
        WorkMalformed: it can't be done by anyone.
        RemoteError: what the service refused.
    """
    kind = KINDS.get(item.kind)
    if kind is None:
        raise WorkMalformed(item.kind, "unknown kind")
    try:
        return await kind(item, clients)
    except json_format.ParseError as malformed:
        raise WorkMalformed(item.kind, str(malformed)) from malformed


def report(item: coordinator_pb2.WorkItem, drone_id: str, outcome: str, duration_ms: int, **facts: Any) -> aggregator_pb2.WorkResult:
    """Write the aggregator's report of an item."""
    made = aggregator_pb2.WorkResult(
        work_id=item.work_id,
        run_id=item.run_id,
        drone_id=drone_id,
        kind=item.kind,
        source_id=item.source_id,
        outcome=outcome,
        duration_ms=duration_ms,
        **facts,
    )
    made.finished_at.GetCurrentTime()
    return made


def _payload(item: coordinator_pb2.WorkItem) -> dict[str, Any]:
    return json_format.MessageToDict(item.payload)


def _frozen(payload: Mapping[str, Any], name: str) -> common_pb2.FrozenProfile:
    return json_format.ParseDict(payload.get(name, {}), common_pb2.FrozenProfile(), ignore_unknown_fields=True)


def _json(answer: Message) -> dict[str, Any]:
    return json_format.MessageToDict(answer, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
