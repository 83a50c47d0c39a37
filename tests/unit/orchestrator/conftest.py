"""Runs as the seed's workflow makes them, and what drones answer."""

from collections.abc import Sequence
from typing import Any, Self

import pytest

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain.run import EndedWork, Run, RunBounds, Step, Transition, WantedWork

SYNC, NORMALIZE, WRITE, ANALYTICS = "connector_sync", "normalize", "write_dataset", "analytics_query"
BOUNDS = RunBounds(pages_open_max=4, dead_letters_max=3)


def step(name: str, type_: str, *depends_on: str, **fields: Any) -> Step:
    """A step of a run."""
    facts: dict[str, Any] = {SYNC: {"source_id": "sales"}, WRITE: {"dataset": "sales-events"}}.get(type_, {})
    return Step(name, type_, f"global::x/{name}@1.0.0", f"sha256:{name}", depends_on, **{**facts, **fields})


SEED = (
    step("sync", SYNC),
    step("normalize", NORMALIZE, "sync"),
    step("write", WRITE, "normalize"),
    step("rollup", ANALYTICS, "write"),
)


class Sim:
    """A run and all that it wanted so far; each method lets one thing happen."""

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
        """A run that begins otherwise."""
        return cls(begun=begun)

    def cancel(self) -> Transition:
        """A user cancels it."""
        return self._follow(advance.cancel(self.run, self.now_ms))

    def _follow(self, transition: Transition) -> Transition:
        assert transition.run.revision >= self.run.revision
        self.run = transition.run
        self.events += [event.type for event in transition.events]
        self.open.update({wanted.work_key: wanted for wanted in transition.wanted})
        self.cancels += transition.cancel
        return transition

    def dispatched(self) -> Transition:
        """The queue took the first work."""
        return self._follow(advance.dispatched(self.run, self.now_ms))

    def ended(self, wanted: WantedWork, state: str = "completed", result: dict[str, Any] | None = None, reason: str = "") -> Transition:
        """One wanted work ends."""
        self.now_ms += 1
        del self.open[wanted.work_key]
        work = EndedWork(wanted.work_key, wanted.kind, wanted.step, state, result or {}, reason, "")
        return self._follow(advance.ended(self.run, work, self.now_ms, BOUNDS))

    def wants(self, kind: str) -> list[WantedWork]:
        """The open work of a kind, in the order in which it was wanted."""
        return [wanted for wanted in self.open.values() if wanted.kind == kind]

    def synced(self, pages: int, *, finished: bool = True) -> Transition:
        """The one open sync gives pages."""
        [sync] = self.wants(SYNC)
        given = [{"sha256": f"{n:064}", "size_bytes": "10"} for n in range(pages)]
        return self.ended(sync, result={"pages": given, "finished": finished, "requests": pages, "retries": 0})

    def normalized(self, canonical: int = 0, quarantined: int = 0, replayed: int = 0) -> Transition:
        """The oldest open page is normalized."""
        total = canonical + quarantined + replayed
        counts = {"records_in": str(total), "canonical": str(canonical), "quarantined": str(quarantined), "replayed": float(replayed)}
        reasons = [{"reason": "CONTRACT_VIOLATION", "records": str(quarantined)}] if quarantined else []
        return self.ended(self.wants(NORMALIZE)[0], result={"counts": counts, "quarantine_reasons": reasons})

    @property
    def states(self) -> dict[str, str]:
        """State of each step by name."""
        return {each.name: each.state.value for each in self.run.steps}


@pytest.fixture
def sim() -> type[Sim]:
    """Start a run of steps, the seed's when none are given."""
    return Sim
