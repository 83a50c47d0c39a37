"""Fails runs that are older than a run may be; deletes old idempotency keys, events and resolved dead letters."""

import asyncio
from functools import partial

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain.run import Run, Transition
from chartly.orchestrator.runs.repository import RunRepository
from chartly.orchestrator.store import dead_letters, runs, schedules, workflows
from chartly.platform.metadata import Metadata

# How late an overdue run may be failed: short against every sensible age.
_INTERVAL_S = 60.0
# Clients retry within minutes; a week is far beyond, and keeps the table small.
_KEYS_KEPT_MS = 7 * 86_400_000
_EVENTS_KEPT_MS = 86_400_000


class RunExpiry:
    """Find runs that exceeded their time."""

    def __init__(self, repository: RunRepository, metadata: Metadata, run_s_max: int, events_remembered_max: int) -> None:
        self._repository = repository
        self._metadata = metadata
        self._run_ms_max = run_s_max * 1000
        self._events_remembered_max = events_remembered_max

    async def once(self) -> None:
        """Fail overdue runs and delete old rows, then sleep."""
        now_ms = self._repository.now_ms
        oldest = await self._metadata.read(runs.started_before, now_ms - self._run_ms_max)
        for run_id in oldest:
            message = f"It ran longer than {self._run_ms_max // 1000} seconds."
            await self._repository.change(run_id, None, partial(_overdue, message))
        await self._metadata.write(workflows.delete_keys, now_ms - _KEYS_KEPT_MS)
        await self._metadata.write(dead_letters.delete_old, now_ms - _KEYS_KEPT_MS)
        await self._metadata.write(schedules.delete_events, now_ms - _EVENTS_KEPT_MS, self._events_remembered_max)
        await asyncio.sleep(min(_INTERVAL_S, self._run_ms_max / 2000))


def _overdue(message: str, run: Run, now_ms: int) -> Transition:
    return advance.broken(run, "DEADLINE_EXCEEDED", message, now_ms)
