"""Background work of storage: compaction after commits, tickets that expire. One loop a process; it never holds up a commit's answer."""

import asyncio

from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.telemetry.log import Logger

from .commit import Committer, Lanes
from .domain.model import DatasetKey
from .domain.tickets import Tickets
from .store.staging import Staging

# Expired tickets are looked for this often; their folders cost disk, nothing else.
_TICKETS_S = 30.0


class Upkeep:
    """Runs what commits leave to be done."""

    def __init__(
        self, committer: Committer, lanes: Lanes, tickets: Tickets, staging: Staging, clock: Clock, limits: Limits, logger: Logger
    ) -> None:
        self._committer = committer
        self._lanes = lanes
        self._tickets = tickets
        self._staging = staging
        self._clock = clock
        self._limits = limits
        self._logger = logger
        self._due: dict[DatasetKey, None] = {}
        self._wake = asyncio.Event()
        self._commits: dict[DatasetKey, int] = {}
        self._task: asyncio.Task[None] | None = None

    def committed(self, key: DatasetKey) -> None:
        """Note a commit. A table is looked at once it may have gathered enough small files."""
        self._commits[key] = self._commits.get(key, self._limits.table_small_files_max // 2) + 1
        if self._commits[key] > self._limits.table_small_files_max // 2:
            self._commits[key] = 0
            self._due[key] = None
            self._wake.set()

    def start(self) -> None:
        """Start the loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop the loop; a compaction under way ends first."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._lanes.drain()

    def expire_tickets(self) -> None:
        """Drop tickets past their time, with their folders."""
        for ticket in self._tickets.expire():
            self._staging.drop(ticket.ticket)

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_TICKETS_S):
                    await self._wake.wait()
            except TimeoutError:
                self.expire_tickets()
                continue
            self._wake.clear()
            due, self._due = self._due, {}
            for key in due:
                try:
                    await self._lanes.run(key, self._committer.compact, key)
                except Exception as failure:  # noqa: BLE001 - the table is as it was, the next commits ask again, and the loop goes on
                    self._logger.error("compaction failed", dataset=key.dataset, exception=failure)  # noqa: TRY400 - ours, not logging's
