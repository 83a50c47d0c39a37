"""The circuit of one source, with its state in the metadata database, so that all syncs of the source share it."""

from collections.abc import Callable
from dataclasses import replace

from chartly.connector_hub.domain.breaker import Breaker
from chartly.connector_hub.domain.connector import Connector
from chartly.connector_hub.errors import CircuitOpen
from chartly.connector_hub.store import SourceRow, SourceStore
from chartly.platform.clock import Clock

# A trial counts as lost this long after its request must have ended: its hub has died.
_TRIAL_MARGIN_S = 1.0


class SourceCircuit:
    """The circuit as one sync's fetcher uses it. While it is closed and nothing failed, a request costs one read."""

    def __init__(self, sources: SourceStore, clock: Clock, project: str, source: Connector) -> None:
        self._sources = sources
        self._clock = clock
        self._project = project
        self._source = source
        self._admitted = Breaker()

    async def admit(self) -> None:
        """Admit one request. A half-open circuit admits one at a time; the trial's own further requests prolong the trial.

        Raises:
            CircuitOpen: names the seconds until the next request may be sent.
        """
        row = await self._sources.get(self._project, self._source.source_id)
        if row is not None and row.breaker.open_until is not None:
            row = await self._begin_trial()
        self._admitted = row.breaker if row else Breaker()

    async def answered(self) -> None:
        """Close the circuit, and begin to count failures at 0."""
        if self._admitted != Breaker():
            await self._change(lambda row: replace(row, breaker=row.breaker.answered(self._admitted)))

    async def failed(self, held_s: float) -> float:
        """Count a failed request; return for how many seconds the circuit is open now, 0 while it is closed."""
        now, source = self._clock.now(), self._source

        def count(row: SourceRow) -> SourceRow:
            breaker = row.breaker.failed(self._admitted, now, source.failures_max, source.open_ms)
            return replace(row, breaker=breaker.held(now, held_s) if held_s else breaker)

        row = await self._change(count)
        return row.breaker.wait_s(now) if row else 0.0

    async def cancel(self) -> None:
        """End the trial of a request that was never sent."""
        if self._admitted.trial_until is not None:
            await self._change(lambda row: replace(row, breaker=row.breaker.cancel_trial(self._admitted)))

    async def _begin_trial(self) -> SourceRow | None:
        now, wait_s = self._clock.now(), 0.0
        trial_s = self._source.timeout_ms / 1000 + _TRIAL_MARGIN_S

        def begin(row: SourceRow) -> SourceRow:
            nonlocal wait_s
            wait_s = 0.0 if row.breaker.has_trial_of(self._admitted) else row.breaker.wait_s(now)
            if wait_s > 0 or row.breaker.open_until is None:
                return row
            return replace(row, breaker=row.breaker.begin_trial(now, trial_s))

        row = await self._sources.change(self._project, self._source.source_id, begin)
        if wait_s > 0:
            raise CircuitOpen(self._source.source_id, retry_after_s=wait_s)
        return row

    async def _change(self, change: Callable[[SourceRow], SourceRow]) -> SourceRow | None:
        return await self._sources.change(self._project, self._source.source_id, change)
