"""How the steps of a workflow hang together: who waits for whom, and whose pages feed whom. It knows nothing of how far a run is.

Pages flow without waiting: a connector_sync's pages go to each normalize that depends on it, and what that accepts goes to the one
write_dataset that depends on the normalize. All other dependencies wait for the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from chartly.orchestrator.errors import WorkflowInvalid
from chartly.platform.errors import FieldViolation

from .run import Step

SYNC, NORMALIZE, WRITE, ANALYTICS = "connector_sync", "normalize", "write_dataset", "analytics_query"


class Defined(Protocol):
    """A step as a workflow defines it."""

    @property
    def name(self) -> str:
        """Unique in the workflow."""
        ...

    @property
    def type(self) -> str:
        """What it does."""
        ...

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The steps before it."""
        ...

    @property
    def enabled(self) -> bool:
        """False: it is skipped."""
        ...


def effective_dependencies(steps: Sequence[Defined]) -> dict[str, tuple[str, ...]]:
    """Tell which steps each one waits for, once those that are skipped are left out: their own dependencies stand in for them."""
    by_name = {step.name: step for step in steps}

    def reach(name: str) -> Iterator[str]:
        for other in by_name[name].depends_on:
            if by_name[other].enabled:
                yield other
            else:
                yield from reach(other)

    return {step.name: tuple(dict.fromkeys(reach(step.name))) for step in steps}


def check(steps: Sequence[Defined]) -> None:
    """See that pages have a way from source to dataset; names and circles were seen to before.

    Raises:
        WorkflowInvalid: with every step that doesn't fit, by its position.
    """
    types = {step.name: step.type for step in steps}
    depends = effective_dependencies(steps)
    found: list[FieldViolation] = []
    for position, step in enumerate(steps):
        if not step.enabled:
            continue
        before = [types[name] for name in depends[step.name]]
        problem = ""
        if step.type == NORMALIZE:
            writers = [other.name for other in steps if other.type == WRITE and other.enabled and step.name in depends[other.name]]
            if not before or set(before) != {SYNC}:
                problem = "a normalize must depend on one or more connector_sync steps and on nothing else"
            elif len(writers) != 1:
                problem = f"exactly one write_dataset must depend on a normalize; here {len(writers)} do"
        elif step.type == WRITE and before.count(NORMALIZE) != 1:
            problem = f"a write_dataset must depend on exactly one normalize; here it depends on {before.count(NORMALIZE)}"
        elif step.type == WRITE and set(before) - {NORMALIZE, SYNC}:
            problem = "a write_dataset may depend on its normalize and on connector_sync steps only"
        if problem:
            found.append(FieldViolation(f"spec.steps.{position}", problem, "steps-unconnected"))
    if found:
        raise WorkflowInvalid(violations=tuple(found))


@dataclass(frozen=True, slots=True)
class StepGraph:
    """The ways of pages through a run's steps."""

    steps: tuple[Step, ...]

    def normalizers(self, sync: Step) -> list[Step]:
        """Give the steps that take a sync's pages."""
        return [step for step in self.steps if step.type == NORMALIZE and not step.skipped and sync.name in step.depends_on]

    def writer(self, normalize: Step) -> Step:
        """Give the step into whose dataset a normalize's records go."""
        return next(step for step in self.steps if step.type == WRITE and not step.skipped and normalize.name in step.depends_on)

    def before(self, step: Step) -> list[Step]:
        """Give the steps that one waits for."""
        return [other for other in self.steps if other.name in step.depends_on]
