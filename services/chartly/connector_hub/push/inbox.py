"""Runs take pushes from the inbox; finished work commits them or puts them back; old ones are deleted.

What a run did is read from the coordinator's list of finished work, which is numbered without a gap; the inbox's cursor moves in the same
transaction as what it changes, so each end counts once. Some pushes have no finished work: pages of a run that was cancelled before
it asked for their normalization. They are found by looking up runs that have ended.
"""

import asyncio
from collections.abc import Sequence

from sqlalchemy import Connection

from chartly.connector_hub.failpoints import PushPoint
from chartly.connector_hub.store import inbox as store
from chartly.connector_hub.store.inbox import PageEnd, Taken
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.errors import RemoteError
from chartly.platform.failpoints import reached
from chartly.platform.identity.scope import Scope, parse_project
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.notification import KeyedNotifications
from chartly.platform.rpc.clients import Clients
from chartly.platform.telemetry.log import Logger
from chartly.v1 import coordinator_pb2, orchestrator_pb2

_ENDS_A_CALL = 200
_WAIT_MS = 25_000
# A little above the wait, so that an empty answer comes before the deadline.
_TIMEOUT_S = 35.0
_LOOK_EVERY_S = 10.0
# A run's last ends may still be on their way when it is seen to have ended.
_GRACE_MS = 30_000
_RUNS_A_LOOK = 100
_FORGOTTEN_A_LOOK = 10_000
_OPEN_RUNS = frozenset({orchestrator_pb2.RUN_STATE_QUEUED, orchestrator_pb2.RUN_STATE_RUNNING})
_RUN_UNKNOWN = "RUN_UNKNOWN"


class Inbox:
    """Moves pushes through the inbox. Used from one event loop."""

    def __init__(
        self, clients: Clients, clock: Clock, metadata: Metadata, limits: Limits, committed: KeyedNotifications, logger: Logger
    ) -> None:
        self._clients = clients
        self._clock = clock
        self._metadata = metadata
        self._limits = limits
        self._committed = committed
        self._logger = logger
        self._coordinator = clients.acting(Scope.service("connector_hub")).coordinator
        self._after: int | None = None

    async def take(self, scope: Scope, run_id: str, source_id: str, *, sequence: int, count: int) -> Taken:
        """Return the pushes that one call of a run's sync takes."""
        now_ms, pages_max = self._now_ms, self._limits.inbox_run_pages_max
        taken = await write_with_retries(
            self._metadata,
            lambda connection: store.take(connection, scope.name, source_id, run_id, sequence, count, pages_max, now_ms),
        )
        reached(PushPoint.PUSHES_TAKEN)
        self._logger.info("pushes taken", source_id=source_id, pages=len(taken.pages), finished=taken.finished)
        return taken

    async def follow_ends(self) -> None:
        """Wait for finished work, and apply it to the inbox."""
        if self._after is None:
            self._after = await self._metadata.read(store.finished_work_cursor)
        request = coordinator_pb2.ListFinishedWorkRequest(after_sequence=self._after, page_size=_ENDS_A_CALL, wait_ms=_WAIT_MS)
        items = (await self._coordinator.ListFinishedWork(request, timeout=_TIMEOUT_S)).items
        if not items:
            return
        after = items[-1].finish_sequence
        ends = [(item.finish_sequence, end) for item in items if (end := _end(item)) is not None]
        changed = await write_with_retries(self._metadata, lambda connection: self._take_in(connection, ends, after))
        reached(PushPoint.ENDS_NOTED)
        self._committed.notify(changed)
        self._after = after

    async def clean_up(self) -> None:
        """Put back the pushes of ended runs, delete old committed ones; then sleep."""
        await self.release_ended(_GRACE_MS)
        await self.delete_old()
        await asyncio.sleep(_LOOK_EVERY_S)

    async def delete_old(self) -> None:
        """Delete pushes whose commit is longer ago than they are kept."""
        await self._metadata.write(store.forget, self._now_ms - self._limits.inbox_retention_s * 1000, _FORGOTTEN_A_LOOK)

    async def release_ended(self, grace_ms: int) -> None:
        """Put back the pushes that ended runs took longer ago than ``grace_ms``."""
        before_ms = self._now_ms - grace_ms
        for project, run_id in await self._metadata.read(store.runs_taken_before, before_ms, _RUNS_A_LOOK):
            if await self._is_open(project, run_id):
                continue
            attempts_max, now_ms = self._limits.inbox_attempts_max, self._now_ms
            released = await self._metadata.write(store.release_run, self._metadata, project, run_id, attempts_max, now_ms)
            self._logger.warning("pushes of an ended run put back", run_id=run_id, pushes=released)

    @property
    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _take_in(self, connection: Connection, ends: Sequence[tuple[int, PageEnd]], after: int) -> list[str]:
        # Another hub may have read the same finished work before. What it applied doesn't count a second time.
        known = store.finished_work_cursor(connection)
        fresh = [end for finished, end in ends if finished > known]
        changed = store.ended(connection, self._metadata, fresh, self._limits.inbox_attempts_max, self._now_ms)
        store.advance_finished_work_cursor(connection, after)
        return changed

    async def _is_open(self, project: str, run_id: str) -> bool:
        tenant, name = parse_project(project)
        orchestrator = self._clients.acting(Scope.service("connector_hub", tenant, name, run_id=run_id)).orchestrator
        try:
            run = await orchestrator.GetRun(orchestrator_pb2.GetRunRequest(run_id=run_id))
        except RemoteError as refused:
            if refused.remote_reason == _RUN_UNKNOWN:
                return False
            raise
        return run.state in _OPEN_RUNS


def _end(item: coordinator_pb2.WorkItem) -> PageEnd | None:
    """Return the end of a page's normalization; None for other work, and for a page that a retry normalizes."""
    if not item.task.normalize.HasField("page"):
        return None
    page, completed = item.task.normalize.page, item.state == coordinator_pb2.WORK_STATE_COMPLETED
    counts = item.outcome.normalize.counts if completed else None
    project = f"{item.tenant_id}/{item.project_id}"
    return PageEnd(project, page.source_id, item.run_id, page.sequence, page.place, counts)
