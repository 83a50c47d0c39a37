"""Runs of the demo's workflow, and outcomes as drones report them."""

from collections.abc import Sequence
from typing import Any, Self

import pytest

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain.run import Run, Transition
from chartly.orchestrator.domain.step_types import ANALYTICS, NORMALIZE, SYNC, WRITE
from chartly.orchestrator.domain.steps import WORKFLOW_STEPS, Step
from chartly.orchestrator.domain.work import EndedWork, WantedWork
from chartly.orchestrator.service import run_bounds
from chartly.platform.config import Limits
from chartly.v1 import common_pb2
from chartly.v1 import coordinator_pb2 as pb

ROLLED_UP = pb.WorkOutcome(analytics_query=pb.RollupOutcome(dataset="rolled-up"))
BOUNDS = run_bounds(Limits(run_items_open_max=4, run_dead_letters_max=3))


def step(name: str, type_: str, *depends_on: str, **fields: Any) -> Step:
    """Return a step of a run."""
    facts: dict[str, Any] = {SYNC: {"source_id": "sales"}, WRITE: {"dataset": "sales-events"}}.get(type_, {})
    return WORKFLOW_STEPS[type_](name, f"global::x/{name}@1.0.0", f"sha256:{name}", depends_on, **{**facts, **fields})


SEED = (
    step("sync", SYNC),
    step("normalize", NORMALIZE, "sync"),
    step("write", WRITE, "normalize"),
    step("rollup", ANALYTICS, "write"),
)


def synced(*digests: str, finished: bool = True) -> pb.WorkOutcome:
    """Return the outcome of a sync with pages of these digests."""
    pages = [common_pb2.RawRef(sha256=digest, size_bytes=10) for digest in digests]
    return pb.WorkOutcome(connector_sync=pb.SyncOutcome(pages=pages, finished=finished, requests=len(pages)))


class Sim:
    """A run with its open work; each method applies one transition."""

    def __init__(self, steps: Sequence[Step] = SEED, begun: Transition | None = None) -> None:
        self.open: dict[str, WantedWork] = {}
        self.events: list[str] = []
        self.cancels, self.now_ms = 0, 1_000
        self.run = Run("run_1", "t", "p", "user:ada", "r", "wf_1", "seed", tuple(steps), 1_000)
        if begun is not None:
            self.run = begun.run
        self._follow(begun or advance.begin(self.run, self.now_ms))

    @classmethod
    def of(cls, begun: Transition) -> Self:
        """Return a run that begins with another transition."""
        return cls(begun=begun)

    def cancel(self) -> Transition:
        """Cancel the run."""
        return self._follow(advance.cancel(self.run, self.now_ms))

    def _follow(self, transition: Transition) -> Transition:
        assert transition.run.revision >= self.run.revision
        self.run = transition.run
        self.events += [event.type for event in transition.events]
        self.open.update({wanted.work_key: wanted for wanted in transition.wanted})
        self.cancels += transition.cancel
        return transition

    def dispatched(self) -> Transition:
        """Record that the queue stored the first work."""
        return self._follow(advance.dispatched(self.run, self.now_ms))

    def ended(self, wanted: WantedWork, state: str = "completed", outcome: pb.WorkOutcome | None = None, reason: str = "") -> Transition:
        """End one open work item."""
        self.now_ms += 1
        del self.open[wanted.work_key]
        work = EndedWork(wanted.work_key, wanted.step, state, outcome or pb.WorkOutcome(), reason, "")
        return self._follow(advance.ended(self.run, work, self.now_ms, BOUNDS))

    def wants(self, kind: str) -> list[WantedWork]:
        """Return the open work of a kind, in the order of the requests."""
        return [wanted for wanted in self.open.values() if wanted.kind == kind]

    def synced(self, pages: int, *, finished: bool = True) -> Transition:
        """Complete the one open sync with pages."""
        [sync] = self.wants(SYNC)
        return self.ended(sync, outcome=synced(*(f"{n:064}" for n in range(pages)), finished=finished))

    def normalized(self, canonical: int = 0, quarantined: int = 0, replayed: int = 0) -> Transition:
        """Complete the oldest open page."""
        total = canonical + quarantined + replayed
        counts = common_pb2.RecordCounts(records_in=total, canonical=canonical, quarantined=quarantined, replayed=replayed)
        reasons = [common_pb2.ReasonCount(reason="CONTRACT_VIOLATION", records=quarantined)] if quarantined else []
        outcome = pb.WorkOutcome(normalize=pb.NormalizeOutcome(counts=counts, quarantine_reasons=reasons))
        return self.ended(self.wants(NORMALIZE)[0], outcome=outcome)

    def rolled_up(self) -> Transition:
        """Complete the oldest open rollup."""
        return self.ended(self.wants(ANALYTICS)[0], outcome=ROLLED_UP)

    @property
    def states(self) -> dict[str, str]:
        """Return the state of each step by name."""
        return {each.name: each.state.value for each in self.run.steps}


@pytest.fixture
def sim() -> type[Sim]:
    """Start a run of these steps; by default those of the seed."""
    return Sim
