"""What every step of a run has, and the methods in which the step types differ.

A step is an immutable value. Its methods change the run through the ``RunDraft`` that they are given, and never through I/O.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import msgspec

from chartly.orchestrator.domain.counts import RunCounts
from chartly.orchestrator.domain.ledger_events import RunEvent
from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.work import EndedWork, WantedWork

if TYPE_CHECKING:
    from chartly.orchestrator.domain.draft import RunDraft
    from chartly.orchestrator.domain.run import Run


class BaseStep(msgspec.Struct, frozen=True, tag_field="type"):
    """One step of a run: the profile that it is bound to, and its progress."""

    name: str
    profile_ref: str
    profile_hash: str
    depends_on: tuple[str, ...]
    """Steps that must have ended well first. In place of a skipped step stand the steps that the skipped one depends on."""
    skipped: bool = False
    state: RunState = RunState.QUEUED
    work_done: int = 0
    work_total: int = 0
    counts: RunCounts = RunCounts()
    reason: str = ""
    message: str = ""
    dead: int = 0
    """Dead letters among its work."""

    @classmethod
    def of_profile(
        cls,
        name: str,
        profile_ref: str,
        profile_hash: str,
        depends_on: tuple[str, ...],
        spec: Mapping[str, Any],  # noqa: ARG003 - what a step type needs of its profile
    ) -> Self:
        """Return a new step of a run from its resolved profile."""
        return cls(name, profile_ref, profile_hash, depends_on)

    @classmethod
    def connection_problem(cls, before: Sequence[str], behind: Sequence[str]) -> str:  # noqa: ARG003 - for steps that pages go through
        """Return why a workflow can't connect a step of this type so; empty if it can.

        Args:
            before: types of the enabled steps that it depends on.
            behind: types of the enabled steps that depend on it.
        """
        return ""

    @property
    def type(self) -> str:
        """The step type, as workflow documents name it."""
        return str(self.__struct_config__.tag)

    @property
    def ended_well(self) -> bool:
        """Whether the steps that depend on this one may begin."""
        return self.skipped or self.state is RunState.SUCCEEDED

    @property
    def over(self) -> bool:
        """Whether the step does nothing more."""
        return self.skipped or self.state.ended

    @property
    def written_dataset(self) -> str:
        """The dataset that the step writes; empty for most."""
        return ""

    @property
    def updated_dataset(self) -> str:
        """The dataset into which the ended step brought new records; empty when there is none."""
        return ""

    @property
    def outstanding(self) -> bool:
        """Whether a retry of the whole run has work for this step in addition to the run's dead letters."""
        return False

    def advance(self, draft: "RunDraft", before: Sequence["BaseStep"]) -> bool:
        """Ask for the next work, or end the step. Return whether anything changed.

        Args:
            draft: the transition in the making.
            before: the steps that this one depends on.
        """
        raise NotImplementedError

    def completed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Count work that was completed.

        Raises:
            OutcomeMalformed: its outcome can't be read; nothing was counted.
        """
        raise NotImplementedError

    def failed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Count work that failed for good, as a dead letter of the step."""
        draft.add_dead_letter(work, self.name)

    def retried(self, old: "Run", chosen: Sequence[WantedWork], *, whole: bool) -> "BaseStep":  # noqa: ARG002 - for sources and rollups
        """Return the step as the run begins with that retries this one.

        Args:
            old: the run that is retried.
            chosen: the work of this step that is retried.
            whole: whether the run is retried as a whole, and not only some of its dead letters.
        """
        return self.reset()

    def repeated(self, wanted: WantedWork, work_key: str) -> WantedWork | None:  # noqa: ARG002 - for pages
        """Return the work item that a retry asks for in place of ``wanted``; None when the step asks for its work itself."""
        return None

    def reset(self, **facts: Any) -> Self:
        """Return the step as it was before the run began, with other facts."""
        kept: dict[str, Any] = {"skipped": self.skipped}
        return type(self)(self.name, self.profile_ref, self.profile_hash, self.depends_on, **(kept | facts))

    def changes_on_failure(self) -> dict[str, object]:
        """Return the facts that change when the step is cancelled or fails with its run."""
        return {}

    def begin_events(self, run: "Run", now_ms: int) -> tuple[RunEvent, ...]:  # noqa: ARG002 - for sources
        """Return the ledger events of a run that begins."""
        return ()

    def start_events(self, run: "Run", now_ms: int) -> tuple[RunEvent, ...]:  # noqa: ARG002 - for sources
        """Return the ledger events of this step's start."""
        return ()

    def end_events(self, run: "Run", now_ms: int) -> tuple[RunEvent, ...]:  # noqa: ARG002 - for sources
        """Return the ledger events of this step's end."""
        return ()


def may_begin(before: Sequence[BaseStep]) -> bool:
    """Return whether a step may begin that waits for the end of ``before``."""
    return all(step.ended_well or step.state is RunState.QUARANTINED for step in before)


def end_without_work(before: Sequence[BaseStep]) -> RunState | None:
    """Return the end of a step that has no work, because of the steps before it; None while it may still get some."""
    if any(step.state is RunState.QUARANTINED for step in before):
        return RunState.QUARANTINED
    # Waits for all of them: those that are healthy may bring it work.
    broken = any(step.state.broken for step in before)
    return RunState.CANCELLED if broken and all(step.over for step in before) else None
