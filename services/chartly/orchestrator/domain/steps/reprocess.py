"""The steps of a run that reprocesses a dataset: plan, normalize chunk by chunk, compare and, unless it is a dry run, apply.

A run that applies a reviewed dry run has only the last step. A dataset is reprocessed as a whole or not at all:
one failed task fails the run.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.step_types import REPROCESS_APPLY, REPROCESS_COMPARE, REPROCESS_NORMALIZE, REPROCESS_PLAN
from chartly.orchestrator.domain.work import INTERNAL, EndedWork, OutcomeMalformed, WantedWork, checked_counts, checked_kind
from chartly.v1 import coordinator_pb2 as pb
from chartly.v1 import reprocess_pb2

from .base import BaseStep, may_begin

if TYPE_CHECKING:
    from chartly.orchestrator.domain.draft import RunDraft
    from chartly.orchestrator.domain.run import ReprocessRequest

# What a source's id may have.
_SOURCE_CHARACTERS_MAX = 127


class ReprocessStep(BaseStep, frozen=True, tag_field="type"):
    """One step of a reprocess: a fixed number of tasks, asked for a few at a time."""

    sequence: int = 0
    """Tasks that were asked for."""

    def advance(self, draft: "RunDraft", before: Sequence[BaseStep]) -> bool:
        """Ask for tasks while fewer than the bound are open; end the step when all are done."""
        reprocess = draft.run.reprocess
        if reprocess is None or not may_begin(before):
            return False
        if self.work_total and self.work_done == self.work_total:
            return draft.end_step(self.name, RunState.SUCCEEDED)
        total = self.tasks_total(reprocess)
        places = range(self.sequence, min(total, self.work_done + max(draft.pages_open_max, 1)))
        if not places:
            return False
        draft.request_work(*(self._wanted(draft.run.run_id, reprocess, place) for place in places))
        draft.change(self.name, sequence=places.stop, work_total=total)
        draft.start_step(self.name)
        return True

    def tasks_total(self, reprocess: "ReprocessRequest") -> int:  # noqa: ARG002 - only the chunks are many
        """Return the number of the step's tasks."""
        return 1

    def task(self, reprocess: "ReprocessRequest", place: int) -> pb.WorkTask:
        """Return one task of the step."""
        raise NotImplementedError

    def failed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Fail the run: a part of a reprocess can't be retried."""
        draft.fail_run(self.name, work.reason or INTERNAL, work.message)

    def _wanted(self, run_id: str, reprocess: "ReprocessRequest", place: int) -> WantedWork:
        # A source id of its own: the queue is fair among sources, so a reprocess does not wait behind a source's pages.
        source_id = f"reprocess-{reprocess.dataset}"[:_SOURCE_CHARACTERS_MAX]
        return WantedWork(f"{run_id}/{self.name}/{place}", self.name, source_id, self.task(reprocess, place))


class PlanStep(ReprocessStep, frozen=True, tag_field="type", tag=REPROCESS_PLAN):
    """Fix the chunks."""

    def task(self, reprocess: "ReprocessRequest", place: int) -> pb.WorkTask:  # noqa: ARG002 - there is one
        """Return the task that plans the reprocess."""
        task = pb.ReprocessPlanTask(reprocess_id=reprocess.reprocess_id, dataset=reprocess.dataset, scope=reprocess.scope)
        return pb.WorkTask(reprocess_plan=task)

    def completed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Note the number of chunks.

        Raises:
            OutcomeMalformed: the plan has no chunk.
        """
        chunks = checked_kind(work, REPROCESS_PLAN).reprocess_plan.chunks
        if chunks < 1:
            raise OutcomeMalformed("the plan has no chunk")
        draft.change_reprocess(chunks=chunks)
        draft.change(self.name, work_done=self.work_done + 1)


class ChunkStep(ReprocessStep, frozen=True, tag_field="type", tag=REPROCESS_NORMALIZE):
    """Normalize the chunks."""

    def tasks_total(self, reprocess: "ReprocessRequest") -> int:
        """Return the number of chunks."""
        return reprocess.chunks

    def task(self, reprocess: "ReprocessRequest", place: int) -> pb.WorkTask:
        """Return the task that normalizes one chunk."""
        return pb.WorkTask(reprocess_normalize=pb.ReprocessNormalizeTask(reprocess_id=reprocess.reprocess_id, place=place))

    def completed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Count one chunk.

        Raises:
            OutcomeMalformed: the outcome is of another kind.
        """
        checked_kind(work, REPROCESS_NORMALIZE)
        draft.change(self.name, work_done=self.work_done + 1)


class CompareStep(ReprocessStep, frozen=True, tag_field="type", tag=REPROCESS_COMPARE):
    """Compare what is staged with the dataset."""

    def task(self, reprocess: "ReprocessRequest", place: int) -> pb.WorkTask:  # noqa: ARG002 - there is one
        """Return the task that compares."""
        return pb.WorkTask(reprocess_diff=pb.ReprocessCompareTask(reprocess_id=reprocess.reprocess_id))

    def completed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Store what the comparison found.

        Raises:
            OutcomeMalformed: the outcome is of another kind, or its counts leave a record out.
        """
        _store_found(draft, checked_kind(work, REPROCESS_COMPARE).reprocess_diff.reprocess)
        draft.change(self.name, work_done=self.work_done + 1)


class ApplyStep(ReprocessStep, frozen=True, tag_field="type", tag=REPROCESS_APPLY):
    """Commit what is staged as the dataset's next version."""

    dataset: str = ""

    @property
    def written_dataset(self) -> str:
        """The dataset that is reprocessed."""
        return self.dataset

    @property
    def updated_dataset(self) -> str:
        """Its dataset, when the new version has records."""
        return self.dataset if self.counts.canonical else ""

    def task(self, reprocess: "ReprocessRequest", place: int) -> pb.WorkTask:  # noqa: ARG002 - there is one
        """Return the task that commits."""
        return pb.WorkTask(reprocess_apply=pb.ReprocessApplyTask(reprocess_id=reprocess.reprocess_id))

    def completed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Store what was committed.

        Raises:
            OutcomeMalformed: the outcome is of another kind, or its counts leave a record out.
        """
        _store_found(draft, checked_kind(work, REPROCESS_APPLY).reprocess_apply.reprocess)
        draft.change(self.name, work_done=self.work_done + 1, counts=draft.run.counts)

    def reset(self, **facts: Any) -> Self:
        """Return the step as it was before the run began; the dataset stays."""
        return super().reset(dataset=self.dataset, **facts)


def reprocess_steps(
    dataset: str, profile_ref: str, profile_hash: str, *, apply: bool, reviewed: bool
) -> tuple[PlanStep | ChunkStep | CompareStep | ApplyStep, ...]:
    """Return the steps of a run, each depending on the one before.

    Args:
        dataset: the dataset to reprocess.
        profile_ref: the normalizer profile.
        profile_hash: its hash.
        apply: whether to commit, and not only to compare.
        reviewed: whether a dry run did all but the last step.
    """
    last = ApplyStep("apply", profile_ref, profile_hash, () if reviewed else ("diff",), dataset=dataset)
    if reviewed:
        return (last,)
    return (
        PlanStep("plan", profile_ref, profile_hash, ()),
        ChunkStep("normalize", profile_ref, profile_hash, ("plan",)),
        CompareStep("diff", profile_ref, profile_hash, ("normalize",)),
        *((last,) if apply else ()),
    )


def _store_found(draft: "RunDraft", found: reprocess_pb2.Reprocess) -> None:
    counts = checked_counts(found.diff.counts)
    reasons = {held_back.reason: held_back.records for held_back in found.diff.quarantine_reasons}
    draft.change_reprocess(found=found)
    draft.change_run(counts=counts, reasons=reasons)
