"""How many tasks of analytics run, and how many wait."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from chartly.analytics.errors import QueriesWaiting
from chartly.analytics.worker.workers import Workers
from chartly.platform.config import Limits


class HeldWorkers(Workers):
    """Workers whose tasks run until they are released."""

    def __init__(self, limits: Limits, spill: Path) -> None:
        super().__init__(limits, cast("Any", None), spill)
        self.running = 0
        self.released = asyncio.Event()

    async def _run(self, task: str, message: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        self.running += 1
        await self.released.wait()
        return {}, b""


async def test_tasks_run_and_wait_up_to_their_bounds(tmp_path: Path) -> None:
    """query_workers_max tasks run and query_waiting_max others wait; the next one is refused at once."""
    workers = HeldWorkers(Limits(query_workers_max=2, query_waiting_max=1), tmp_path / "spill")
    accepted = [asyncio.create_task(workers.run("query", {})) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert workers.running == 2
    with pytest.raises(QueriesWaiting):
        await workers.run("query", {})
    workers.released.set()
    await asyncio.gather(*accepted)
    assert workers.running == 3
