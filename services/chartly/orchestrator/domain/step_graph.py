"""The graph of a workflow's steps: dependencies, and the way of pages from source to dataset. It knows nothing of a run's progress.

Pages flow without waiting: the pages of a connector_sync go to each normalize that depends on it, and the accepted records go to the one
write_dataset that depends on the normalize. Every other dependency waits for the end of the step.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from chartly.orchestrator.errors import WorkflowInvalid
from chartly.platform.errors import FieldViolation

from .steps import WORKFLOW_STEPS


class Defined(Protocol):
    """A step as a workflow defines it."""

    @property
    def name(self) -> str:
        """Unique in the workflow."""
        ...

    @property
    def type(self) -> str:
        """The step type."""
        ...

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Names of the steps that it depends on."""
        ...

    @property
    def enabled(self) -> bool:
        """False for a step that is skipped."""
        ...


def effective_dependencies(steps: Sequence[Defined]) -> dict[str, tuple[str, ...]]:
    """Return the dependencies of each step by name, with every skipped step replaced by its own dependencies."""
    by_name = {step.name: step for step in steps}

    def reach(name: str) -> Iterator[str]:
        for other in by_name[name].depends_on:
            if by_name[other].enabled:
                yield other
            else:
                yield from reach(other)

    return {step.name: tuple(dict.fromkeys(reach(step.name))) for step in steps}


def check(steps: Sequence[Defined]) -> None:
    """Check that pages have a way from source to dataset. Names and cycles were checked before.

    Raises:
        WorkflowInvalid: lists every step that breaks a rule, by its position.
    """
    types = {step.name: step.type for step in steps}
    depends = effective_dependencies(steps)
    found: list[FieldViolation] = []
    for position, step in enumerate(steps):
        if not step.enabled:
            continue
        before = [types[name] for name in depends[step.name]]
        behind = [other.type for other in steps if other.enabled and step.name in depends[other.name]]
        problem = WORKFLOW_STEPS[step.type].connection_problem(before, behind)
        if problem:
            found.append(FieldViolation(f"spec.steps.{position}", problem, "steps-unconnected"))
    if found:
        raise WorkflowInvalid(violations=tuple(found))
