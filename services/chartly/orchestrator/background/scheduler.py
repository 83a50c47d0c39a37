"""Lets schedules fire: durable decisions, each fire time once. What a decision is, ``domain/firing.py`` says; runs are the starter's.

A clock that was far ahead had schedules decide on times that are yet to come: once it is right again they begin anew, or they would be
silent until then.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from chartly.orchestrator.domain import schedule as firing
from chartly.orchestrator.store import schedules as store
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_again
from chartly.platform.notification import Pulse, wait_for
from chartly.platform.telemetry.log import Logger

_SCHEDULES_A_ROUND = 100
# A clock that was set, or a schedule that another process changed, is seen within this.
_LOOK_AGAIN_S = 5.0


class WorkflowScheduler:
    """Decides on the schedules that are due. One event loop only."""

    def __init__(self, metadata: Metadata, clock: Clock, started: Callable[[], None], limits: Limits, logger: Logger) -> None:
        self._metadata = metadata
        self._clock = clock
        self._started = started
        self._missed_max = limits.schedule_missed_max
        self._ahead_ms_max = limits.schedule_ahead_s_max * 1_000
        self._logger = logger
        self._news = Pulse()

    def wake(self) -> None:
        """Look now: a schedule is new, or goes on."""
        self._news.beat()

    async def once(self) -> None:
        """Decide on what is due, or wait until something is."""
        beat = self._news.next
        now_ms = self._now_ms
        for workflow_id in await self._metadata.read(store.ahead, now_ms + self._ahead_ms_max, _SCHEDULES_A_ROUND):
            await write_again(self._metadata, lambda connection, of=workflow_id: self._begin_anew(connection, of))
        due = await self._metadata.read(store.due, now_ms, _SCHEDULES_A_ROUND)
        if not due:
            soonest_ms = await self._metadata.read(store.soonest)
            left_s = _LOOK_AGAIN_S if soonest_ms is None else (soonest_ms - self._now_ms) / 1_000
            await wait_for(beat, min(max(left_s, 0.001), _LOOK_AGAIN_S))
            return
        for workflow_id in due:
            if await write_again(self._metadata, lambda connection, of=workflow_id: self._decide(connection, of)):
                self._started()

    @property
    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1_000)

    def _begin_anew(self, connection: Connection, workflow_id: str) -> None:
        """Let a schedule that was decided on far ahead of the clock go on from now."""
        stored = store.locked(connection, workflow_id)
        now_ms = self._now_ms
        if stored is None or stored.paused or stored.last_ms <= now_ms + self._ahead_ms_max:
            return
        self._logger.warning(
            "schedule begins anew: it was ahead of the clock", workflow_id=workflow_id, ahead_s=(stored.last_ms - now_ms) // 1_000
        )
        anchor_ms = min(stored.anchor_ms, now_ms)
        next_ms = firing.decide(stored.schedule, workflow_id, anchor_ms, now_ms, now_ms, self._missed_max).next_ms
        store.begin_anew(connection, workflow_id, anchor_ms, now_ms, next_ms)

    def _decide(self, connection: Connection, workflow_id: str) -> int:
        """Decide on one schedule, in one transaction with what follows; the number of runs that it lets wait."""
        stored = store.locked(connection, workflow_id)
        now_ms = self._now_ms
        if stored is None or stored.paused or not 0 < stored.next_ms <= now_ms:
            return 0  # paused, deleted, or decided on by another process meanwhile
        decision = firing.decide(stored.schedule, workflow_id, stored.anchor_ms, stored.last_ms, now_ms, self._missed_max)
        waiting = store.waiting_runs(connection, [workflow_id]).get(workflow_id, 0)
        fires, instead = firing.admitted(
            stored.schedule.overlap,
            decision,
            run_open=bool(store.open_run_ids(connection, workflow_id)),
            waiting=waiting,
            waiting_max=self._missed_max,
        )
        if instead:
            store.drop_waiting(connection, workflow_id)
        for place, fire_ms in enumerate(fires):
            # A millisecond apart, so that the order of ids is the order of times.
            store.wait_for_fire(connection, workflow_id, fire_ms, now_ms + place)
        store.decided(connection, workflow_id, decision.last_ms, decision.next_ms)
        return len(fires)
