"""Run plans on Ray actors, sharded by {tenant, source}, with one plan cache in each actor. All nodes must share the staging folders.

Raw bytes are sent as Arrow buffers, which Ray passes without pickling; only counts and file names are returned. A lost actor is
restarted and its chunk runs again: running a plan is pure, and the files in the ticket's folder are overwritten.
"""

import contextlib
import importlib
from typing import Any

from chartly.normalizer.chunk import Chunk, PlanCache, WrittenFiles, run_chunk
from chartly.normalizer.errors import EngineBusy, EngineFailed
from chartly.platform.blocking import Blocking
from chartly.platform.errors import ChartlyError

from .base import Shard
from .ray_cluster import LocalCluster, check_address

# Retries of a chunk whose actor was lost. After these, the work item is retried.
_TASK_RETRIES = 3


class Worker:
    """The object in an actor's process: a cache of compiled plans."""

    def __init__(self, plans_max: int) -> None:
        self._plans = PlanCache(plans_max)

    def run(self, chunk: Chunk, raw: Any) -> WrittenFiles:
        """Run one chunk in this process."""
        # The memoryview of an Arrow buffer has signed bytes.
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
        """Join the cluster, or start one on this machine, and create the actors."""
        await self._blocking.run(self._start)

    def _start(self) -> None:
        if self._cluster is not None:
            self._cluster.start()
        else:
            check_address(self._address)
        ray: Any = importlib.import_module("ray")
        if self._cluster is None:
            ray.init(address=self._address, namespace="chartly", log_to_driver=False)
        actor = ray.remote(Worker).options(num_cpus=1, max_restarts=-1, max_task_retries=_TASK_RETRIES, max_pending_calls=self._pending_max)
        self._workers = [actor.remote(self._plans_max) for _ in range(self._count)]

    async def run(self, shard: Shard, chunk: Chunk, raw: bytes | bytearray) -> WrittenFiles:
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
        """End the actors, and the cluster if this process started it."""
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
