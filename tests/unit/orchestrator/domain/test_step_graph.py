"""Dependencies between a workflow's steps."""

import pytest

from chartly.orchestrator.domain import step_graph as flow
from chartly.orchestrator.domain import step_types as types
from chartly.orchestrator.errors import WorkflowInvalid
from chartly.orchestrator.store.workflows import StoredStep


def defined(name: str, type_: str, *depends_on: str, enabled: bool = True) -> StoredStep:
    """Return a step as a workflow defines it."""
    return StoredStep(name, type_, "global::x/y@1.0.0", depends_on, enabled)


SYNC, NORMALIZE = defined("s", types.SYNC), defined("n", types.NORMALIZE, "s")
WRITE, ROLLUP = defined("w", types.WRITE, "n"), defined("r", types.ANALYTICS, "w")


def test_skipped_steps_hand_their_dependencies_on() -> None:
    """A step that depends on a skipped step depends on that step's dependencies, also through several skipped steps."""
    steps = [
        defined("a", types.SYNC),
        defined("b", types.ANALYTICS, "a", enabled=False),
        defined("c", types.ANALYTICS, "b", enabled=False),
        defined("d", types.ANALYTICS, "c", "a"),
    ]
    assert flow.effective_dependencies(steps)["d"] == ("a",)


@pytest.mark.parametrize(
    "steps",
    [
        [SYNC, NORMALIZE, WRITE, ROLLUP],
        [SYNC],
        [defined("r", types.ANALYTICS)],
        [SYNC, defined("n", types.NORMALIZE, "s", enabled=False), defined("w", types.WRITE, "n", enabled=False)],
        [SYNC, defined("s2", types.SYNC), defined("n", types.NORMALIZE, "s", "s2"), WRITE],
    ],
)
def test_connected_steps_are_accepted(steps: list[StoredStep]) -> None:
    """Steps are accepted if every page has a source and a dataset."""
    flow.check(steps)


@pytest.mark.parametrize(
    ("steps", "position"),
    [
        ([defined("n", types.NORMALIZE), WRITE], 0),
        ([SYNC, NORMALIZE], 1),
        ([SYNC, NORMALIZE, WRITE, defined("w2", types.WRITE, "n")], 1),
        ([SYNC, defined("w", types.WRITE, "s")], 1),
        ([defined("s", types.SYNC, enabled=False), NORMALIZE, WRITE], 1),
        ([SYNC, NORMALIZE, WRITE, ROLLUP, defined("n2", types.NORMALIZE, "r"), defined("w2", types.WRITE, "n2")], 4),
    ],
)
def test_unconnected_steps_are_refused_at_their_place(steps: list[StoredStep], position: int) -> None:
    """A step without a source or a target of its pages is reported by its position."""
    with pytest.raises(WorkflowInvalid) as refused:
        flow.check(steps)
    assert refused.value.violations[0].field == f"spec.steps.{position}"
