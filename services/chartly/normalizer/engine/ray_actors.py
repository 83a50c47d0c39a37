"""Plans on Ray actors, one plan cache an actor, sharded by {tenant, source}. Staging folders must be on storage all nodes share.

Raw bytes go as Arrow buffers, which Ray passes without pickling; what comes back is counts and file names only. A lost actor is
restarted and its chunk run again: running a plan is pure, and the ticket's folder is simply written anew.
"""

import contextlib
import importlib
from typing import Any

from chartly.normalizer.chunk import Chunk, PlanCache, Written, run_chunk
from chartly.normalizer.errors import EngineBusy, EngineFailed
from chartly.platform.blocking import Blocking
from chartly.platform.errors import ChartlyError

from .base import Shard
from .ray_cluster import LocalCluster

# How often a chunk is run again after its actor was lost, before the work item's own retries take over.
_TASK_RETRIES = 3


class Worker:
    """What lives in an actor's process: compiled plans."""

    def __init__(self, plans_max: int) -> None:
        self._plans = PlanCache(plans_max)

    def run(self, chunk: Chunk, raw: Any) -> Written:
        """Run one chunk in this process."""
        # Arrow's buffers call their bytes signed.
        return run_chunk(chunk, memoryview(raw).cast("B"), self._plans)


class RayEngine:
    """Runs chunks on ``actors`` Ray actors, each with at most ``pending_max`` calls waiting."""

    def __init__(self, blocking: Blocking, address: str, actors: int, pending_max: int, plans_max: int) -> None:
        self._blocking = blocking
        self._address = address
        self._count = actors
        self._pending_max = pending_max
        self._plans_max = plans_max
        self._workers: list[Any] = []
        self._cluster = None if address else LocalCluster(actors)

    async def start(self) -> None:
        """Join the cluster, or begin one on this machine, and make the actors."""
        await self._blocking.run(self._start)

    def _start(self) -> None:
        if self._cluster is not None:
            self._cluster.start()
        ray: Any = importlib.import_module("ray")
        if self._cluster is None:
            ray.init(address=self._address, namespace="chartly", log_to_driver=False)
        actor = ray.remote(Worker).options(num_cpus=1, max_restarts=-1, max_task_retries=_TASK_RETRIES, max_pending_calls=self._pending_max)
        self._workers = [actor.remote(self._plans_max) for _ in range(self._count)]

    async def run(self, shard: Shard, chunk: Chunk, raw: bytes | bytearray) -> Written:
        """Run one chunk on its shard's actor."""
        pa: Any = importlib.import_module("pyarrow")
        failures: Any = importlib.import_module("ray.exceptions")

        worker = self._workers[shard.worker(self._count)]
        try:
            return await worker.run.remote(chunk, pa.py_buffer(raw))
        except failures.PendingCallsLimitExceeded as full:
            raise EngineBusy(self._pending_max) from full
        except failures.RayTaskError as failed:
            if isinstance(failed.cause, ChartlyError):
                raise failed.cause from failed
            raise EngineFailed(type(failed.cause).__name__) from failed
        except failures.RayError as failed:
            raise EngineFailed(type(failed).__name__) from failed

    async def stop(self) -> None:
        """End the actors, and the cluster if this process began it."""
        await self._blocking.run(self._stop)

    def _stop(self) -> None:
        ray: Any = importlib.import_module("ray")
        for worker in self._workers:
            with contextlib.suppress(ray.exceptions.RayError):
                ray.kill(worker)
        self._workers = []
        if self._cluster is not None:
            self._cluster.stop()
        else:
            ray.shutdown()
