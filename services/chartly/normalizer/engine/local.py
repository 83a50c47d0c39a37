"""Run plans on this process's threads. The compiled core releases the GIL, so Python's event loop continues."""

import asyncio

from chartly.normalizer.chunk import Chunk, PlanCache, WrittenFiles, run_chunk
from chartly.normalizer.errors import EngineBusy
from chartly.platform.blocking import Blocking

from .base import Shard


class LocalEngine:
    """Runs up to ``running_max`` chunks in parallel; ``waiting_max`` more may wait. Use it from one event loop."""

    def __init__(self, blocking: Blocking, plans: PlanCache, running_max: int, waiting_max: int) -> None:
        self._blocking = blocking
        self._plans = plans
        self._slots = asyncio.Semaphore(running_max)
        self._held = 0
        self._held_max = running_max + waiting_max
        self._waiting_max = waiting_max

    @property
    def problem(self) -> str:
        """Nothing: the threads are the host's."""
        return ""

    async def start(self) -> None:
        """Do nothing: the threads are the host's."""

    async def run(self, shard: Shard, chunk: Chunk, raw: bytes | bytearray) -> WrittenFiles:  # noqa: ARG002 - one process is one worker
        """Run one chunk on a thread."""
        if self._held >= self._held_max:
            raise EngineBusy(self._waiting_max)
        self._held += 1
        try:
            async with self._slots:
                return await self._blocking.run(run_chunk, chunk, raw, self._plans)
        finally:
            self._held -= 1

    async def stop(self) -> None:
        """Do nothing: the threads are the host's."""
