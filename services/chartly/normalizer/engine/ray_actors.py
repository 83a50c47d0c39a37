"""The Ray actors that run plans, sharded by {tenant, source}, with one plan cache in each actor. All nodes must share the staging folders.

Raw bytes are sent as Arrow buffers, which Ray passes without pickling; only counts and file names are returned. A lost actor is
restarted and its chunk runs again: running a plan is pure, and the files in the ticket's folder are overwritten.
"""

import contextlib
import importlib
from dataclasses import dataclass
from typing import Any

from chartly.normalizer.chunk import Chunk, PlanCache, WrittenFiles, run_chunk
from chartly.normalizer.errors import EngineBusy, EngineFailed
from chartly.platform.errors import ChartlyError

from .ray_cluster import LocalCluster, check_address

# Retries of a chunk whose actor was lost. After these, the work item is retried.
_TASK_RETRIES = 3


@dataclass(frozen=True, slots=True)
class RayOptions:
    """The settings of the driver."""

    address: str
    """Of an external cluster; empty for a cluster of one node on this machine."""
    actors: int
    pending_max: int
    """Calls that wait for one actor."""
    plans_max: int


class Worker:
    """The object in an actor's process: a cache of compiled plans."""

    def __init__(self, plans_max: int) -> None:
        self._plans = PlanCache(plans_max)

    def run(self, chunk: Chunk, raw: Any) -> WrittenFiles:
        """Run one chunk in this process."""
        # The memoryview of an Arrow buffer has signed bytes.
        return run_chunk(chunk, memoryview(raw).cast("B"), self._plans)


class RayActors:
    """The connection to a cluster, and its actors. Start and stop it on the main thread."""

    def __init__(self, options: RayOptions) -> None:
        self._options = options
        self._workers: list[Any] = []
        self._cluster = None if options.address else LocalCluster(options.actors)

    def start(self) -> None:
        """Join the cluster, or start one on this machine, and create the actors.

        Raises:
            ClusterUnreachable: there is no cluster at the address.
            EngineFailed: the cluster on this machine was not ready in time.
        """
        options = self._options
        if self._cluster is not None:
            self._cluster.start()
        else:
            check_address(options.address)
        ray: Any = importlib.import_module("ray")
        if self._cluster is None:
            ray.init(address=options.address, namespace="chartly", log_to_driver=False)
        bounds = {"max_restarts": -1, "max_task_retries": _TASK_RETRIES, "max_pending_calls": options.pending_max}
        actor = ray.remote(Worker).options(num_cpus=1, **bounds)
        self._workers = [actor.remote(options.plans_max) for _ in range(options.actors)]

    def address(self) -> str:
        """Return the address at which the cluster that was joined answers."""
        ray: Any = importlib.import_module("ray")
        _, _, target = self._options.address.rpartition("://")
        return target if ":" in target else str(ray.get_runtime_context().gcs_address)

    async def run(self, worker: int, chunk: Chunk, raw: bytes) -> WrittenFiles:
        """Run one chunk on an actor.

        Raises:
            EngineBusy: too many calls wait for the actor.
            EngineFailed: the actor was lost; the chunk can be run again.
            PlanRefused, StagingUnusable: as ``run_chunk`` raises them.
        """
        pa: Any = importlib.import_module("pyarrow")
        failures: Any = importlib.import_module("ray.exceptions")
        try:
            return await self._workers[worker].run.remote(chunk, pa.py_buffer(raw))
        except failures.PendingCallsLimitExceeded as full:
            raise EngineBusy(self._options.pending_max) from full
        except failures.RayTaskError as failed:
            if isinstance(failed.cause, ChartlyError):
                raise failed.cause from failed
            raise EngineFailed(type(failed.cause).__name__) from failed
        except failures.RayError as failed:
            raise EngineFailed(type(failed).__name__) from failed

    def stop(self) -> None:
        """End the actors, and the cluster if this process started it."""
        ray: Any = importlib.import_module("ray")
        for worker in self._workers:
            with contextlib.suppress(ray.exceptions.RayError):
                ray.kill(worker)
        self._workers = []
        if self._cluster is not None:
            self._cluster.stop()
        else:
            ray.shutdown()
