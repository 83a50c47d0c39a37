"""Count a project's workflows, runs, datasets and so on by calling their services. An unavailable service counts as zero."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from google.api.httpbody_pb2 import HttpBody

from chartly.platform.config import Limits
from chartly.platform.errors import RemoteError
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger
from chartly.v1 import audit_pb2, coordinator_pb2, dataset_pb2, gateway_pb2, registry_pb2

T = TypeVar("T")

# A status page must not wait for a slow store.
TIMEOUT_S = 2.0
# Pages of profiles to count. Beyond this, an exact number is of no use.
_PAGES_MAX = 10


async def count(clients: Clients, limits: Limits, logger: Logger) -> gateway_pb2.PlatformCounts:
    """Return the counts of the current scope's project."""
    profiles, usage, queue, checkpoint = await asyncio.gather(
        or_none(_profiles(clients, limits), logger),
        or_none(clients.dataset.GetStorageUsage(dataset_pb2.GetStorageUsageRequest(), timeout=TIMEOUT_S), logger),
        or_none(clients.coordinator.GetQueueStats(coordinator_pb2.GetQueueStatsRequest(), timeout=TIMEOUT_S), logger),
        or_none(clients.audit.GetCheckpoint(audit_pb2.GetCheckpointRequest(), timeout=TIMEOUT_S), logger),
    )
    return gateway_pb2.PlatformCounts(
        profiles=profiles or 0,
        datasets=usage.datasets if usage else 0,
        drones=queue.drones_active if queue else 0,
        queued_items=queue.queued_items if queue else 0,
        ledger_size=tree_size(checkpoint) if checkpoint else 0,
    )


def tree_size(checkpoint: HttpBody) -> int:
    """Return the size in a checkpoint: its second line (C2SP tlog-checkpoint)."""
    lines = checkpoint.data.split(b"\n")
    return int(lines[1]) if len(lines) > 1 and lines[1].isdigit() else 0


async def _profiles(clients: Clients, limits: Limits) -> int:
    found, token = 0, ""
    for _ in range(_PAGES_MAX):
        request = registry_pb2.ListProfilesRequest(page_size=limits.page_size_max, page_token=token)
        page = await clients.registry.ListProfiles(request, timeout=TIMEOUT_S)
        found, token = found + len(page.profiles), page.next_page_token
        if not token:
            break
    return found


async def or_none(asked: Awaitable[T], logger: Logger) -> T | None:
    """Return an answer; None when the service is away, or the caller may not see it."""
    try:
        return await asked
    except RemoteError as refused:
        # A caller who may not see a count gets none, as if the service didn't run.
        if not (refused.is_away or refused.is_denied or refused.is_not_served):
            raise
        logger.info("not counted", asked=refused.service, reason=refused.remote_reason)
        return None
