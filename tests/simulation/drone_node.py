"""A drone as a simulated process: it registers, leases work, loses some answers, and reports until it is answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chartly.coordinator.domain.batch import Batch
from chartly.coordinator.domain.model import AttemptFailure, RegisteredDrone, WorkItem
from chartly.platform.errors import ChartlyError
from chartly.v1 import coordinator_pb2 as pb

from .plane import Plane
from .queue_node import QueueNode
from .world import Node

_SLOTS = 2
_BEAT_MS = 300
_TRIES_MAX = 4
POISON = "poison"
"""A source of this name kills the work of its pages for good."""


@dataclass(eq=False)
class DroneNode(Node):
    """A worker."""

    queue: QueueNode = field(kw_only=True)
    plane: Plane = field(kw_only=True)
    faults: float = 0.02
    """Chance that an attempt ends by a fault of its own."""

    def start(self) -> None:
        """Clear the memory and register."""
        self.drone_id = ""
        self.working: set[str] = set()
        self._register()
        self.later(_BEAT_MS, self._beat)

    def _ask(self, command: Callable[[Batch], Any], reply: Callable[[Any], None]) -> None:
        self.world.call(self, self.queue, lambda: self.queue.do(command), reply)

    def _register(self) -> None:
        def registered(answer: RegisteredDrone | ChartlyError | None) -> None:
            if isinstance(answer, RegisteredDrone):
                self.drone_id = answer.drone_id
                self._lease()
            else:
                self.later(100, self._register)

        self._ask(lambda batch: batch.register(self.name, frozenset()), registered)

    def _beat(self) -> None:
        self.later(_BEAT_MS, self._beat)
        if not self.drone_id:
            return
        drone_id, held = self.drone_id, sorted(self.working)

        def beaten(answer: list[str] | ChartlyError | None) -> None:
            if isinstance(answer, ChartlyError):
                self._forgotten()
            elif answer is not None:
                self.working -= set(answer)

        self._ask(lambda batch: batch.heartbeat(drone_id, held, draining=False), beaten)

    def _forgotten(self) -> None:
        if self.drone_id:
            self.drone_id = ""
            self.working.clear()
            self._register()

    def _lease(self) -> None:
        drone_id, free = self.drone_id, _SLOTS - len(self.working)
        if not drone_id:
            return
        if not free:
            self.later(20, self._lease)
            return

        def leased(answer: list[WorkItem] | ChartlyError | None) -> None:
            if isinstance(answer, ChartlyError):
                self._forgotten()
                return
            for item in answer or ():
                self.working.add(item.lease_id)
                self._work(item, 0)
            self.later(self.world.chance.randint(5, 60), self._lease)

        def command(batch: Batch) -> list[WorkItem]:
            return batch.lease(drone_id, free, frozenset())

        self._ask(command, leased)

    def _work(self, item: WorkItem, tries: int) -> None:
        if item.lease_id not in self.working:
            return
        if self.world.chance.random() < self.faults:
            self._report(item, AttemptFailure("INTERNAL", "it broke"))
            return
        task = pb.WorkTask.FromString(item.task)
        if item.source_id == POISON or task.normalize.raw.sha256 in self.plane.poisoned:
            self._report(item, AttemptFailure("CORRUPT", "it is poisoned", final=True))
            return

        def worked(answer: pb.WorkOutcome | None) -> None:
            if answer is not None:
                self._report(item, answer)
            elif tries < _TRIES_MAX:
                self._work(item, tries + 1)
            else:
                self._report(item, AttemptFailure("SERVICE_UNAVAILABLE", "it is away"))

        def serve() -> pb.WorkOutcome | None:
            if item.kind == "connector_sync":
                return self.plane.sync(task.connector_sync.continues_run_id or item.run_id, item.source_id, task.connector_sync.sequence)
            if item.kind == "normalize":
                return self.plane.normalize(item.run_id, item.work_key, item.source_id, task.normalize.raw.sha256)
            return pb.WorkOutcome(analytics_query=pb.RollupOutcome())

        self.later(self.world.chance.randint(1, 40), lambda: self.world.call(self, self.plane, serve, worked))

    def _report(self, item: WorkItem, outcome: pb.WorkOutcome | AttemptFailure) -> None:
        if item.lease_id not in self.working:
            return
        drone_id = self.drone_id

        def command(batch: Batch) -> WorkItem:
            if isinstance(outcome, AttemptFailure):
                return batch.fail(drone_id, item.work_id, item.lease_id, outcome)
            return batch.complete(drone_id, item.work_id, item.lease_id, item.kind, outcome.SerializeToString())

        def reported(answer: WorkItem | ChartlyError | None) -> None:
            if answer is None:
                self.later(50, lambda: self._report(item, outcome))
            else:
                self.working.discard(item.lease_id)

        self._ask(command, reported)
