"""Fires schedules: stores each fire time once, as a waiting run. ``domain/schedule.py`` decides; ``run_starter.py`` starts the runs.

While a clock was far ahead, schedules may have been decided on for times that are yet to come. Once the clock is right they are restarted;
else they would not fire until then.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from chartly.orchestrator.domain import schedule as firing
from chartly.orchestrator.store import schedules as store
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.notification import Notification, wait_for
from chartly.platform.telemetry.log import Logger

_SCHEDULES_A_ROUND = 100
# A clock that was set, and a schedule that another process changed, are seen within this time.
_POLL_S = 5.0


class WorkflowScheduler:
    """Decide on the schedules that are due. Used from one event loop."""

    def __init__(self, metadata: Metadata, clock: Clock, started: Callable[[], None], limits: Limits, logger: Logger) -> None:
        self._metadata = metadata
        self._clock = clock
        self._started = started
        self._missed_max = limits.schedule_missed_max
        self._ahead_ms_max = limits.schedule_ahead_s_max * 1_000
        self._logger = logger
        self._woken = Notification()

    def wake(self) -> None:
        """Check the schedules now: one is new, or was resumed."""
        self._woken.notify()

    async def once(self) -> None:
        """Decide on the schedules that are due, or wait until one is."""
        notified = self._woken.next
        now_ms = self._now_ms
        for workflow_id in await self._metadata.read(store.ahead, now_ms + self._ahead_ms_max, _SCHEDULES_A_ROUND):
            await write_with_retries(self._metadata, lambda connection, of=workflow_id: self._restart(connection, of))
        due = await self._metadata.read(store.due, now_ms, _SCHEDULES_A_ROUND)
        if not due:
            soonest_ms = await self._metadata.read(store.soonest)
            left_s = _POLL_S if soonest_ms is None else (soonest_ms - self._now_ms) / 1_000
            await wait_for(notified, min(max(left_s, 0.001), _POLL_S))
            return
        for workflow_id in due:
            if await write_with_retries(self._metadata, lambda connection, of=workflow_id: self._decide(connection, of)):
                self._started()

    @property
    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1_000)

    def _restart(self, connection: Connection, workflow_id: str) -> None:
        """Restart a schedule that was decided on far ahead of the clock."""
        stored = store.locked(connection, workflow_id)
        now_ms = self._now_ms
        if stored is None or stored.paused or stored.last_ms <= now_ms + self._ahead_ms_max:
            return
        self._logger.warning(
            "schedule restarted: it was ahead of the clock", workflow_id=workflow_id, ahead_s=(stored.last_ms - now_ms) // 1_000
        )
        anchor_ms = min(stored.anchor_ms, now_ms)
        next_ms = firing.decide(stored.schedule, workflow_id, anchor_ms, now_ms, now_ms, self._missed_max).next_ms
        store.restart(connection, workflow_id, anchor_ms, now_ms, next_ms)

    def _decide(self, connection: Connection, workflow_id: str) -> int:
        """Decide on one schedule, in one transaction with its waiting runs. Return the number of new waiting runs."""
        stored = store.locked(connection, workflow_id)
        now_ms = self._now_ms
        if stored is None or stored.paused or not 0 < stored.next_ms <= now_ms:
            return 0  # paused, deleted, or decided on by another process meanwhile
        decision = firing.decide(stored.schedule, workflow_id, stored.anchor_ms, stored.last_ms, now_ms, self._missed_max)
        waiting = store.waiting_runs(connection, [workflow_id]).get(workflow_id, 0)
        fires, replaces_waiting = firing.admitted(
            stored.schedule.overlap,
            decision,
            run_open=bool(store.open_run_ids(connection, workflow_id)),
            waiting=waiting,
            waiting_max=self._missed_max,
        )
        if replaces_waiting:
            store.delete_waiting_runs(connection, workflow_id)
        for place, fire_ms in enumerate(fires):
            # A millisecond apart, so that the order of ids is the order of times.
            store.store_waiting_run(connection, workflow_id, fire_ms, now_ms + place)
        store.decided(connection, workflow_id, decision.last_ms, decision.next_ms)
        return len(fires)
