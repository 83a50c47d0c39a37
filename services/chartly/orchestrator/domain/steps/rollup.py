"""The analytics_query step: one rollup over the datasets of the steps before it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.step_types import ANALYTICS
from chartly.orchestrator.domain.work import EndedWork, WantedWork, checked_kind
from chartly.v1 import common_pb2
from chartly.v1 import coordinator_pb2 as pb

from .base import BaseStep, may_begin

if TYPE_CHECKING:
    from chartly.orchestrator.domain.draft import RunDraft
    from chartly.orchestrator.domain.run import Run

_DATASET_UNKNOWN = "DATASET_UNKNOWN"
# What a source's id may have.
_SOURCE_CHARACTERS_MAX = 127


class RollupStep(BaseStep, frozen=True, tag_field="type", tag=ANALYTICS):
    """Run one rollup."""

    rolled_up: str = ""
    """The dataset that it wrote, once it ended well."""

    @property
    def updated_dataset(self) -> str:
        """The dataset that it wrote."""
        return self.rolled_up

    @property
    def outstanding(self) -> bool:
        """Whether the rollup never ran."""
        return not self.skipped and self.state is not RunState.SUCCEEDED and not self.dead

    def advance(self, draft: "RunDraft", before: Sequence[BaseStep]) -> bool:
        """Ask for the rollup once the steps before it have ended; end the step when it is done."""
        if not may_begin(before):
            return False
        if self.work_total:
            end = RunState.FAILED if self.dead else RunState.SUCCEEDED
            return self.work_done == self.work_total and draft.end_step(self.name, end)
        task = pb.RollupTask(analytics=common_pb2.FrozenProfile(ref=self.profile_ref, hash=self.profile_hash))
        # A source id of its own: the queue is fair among sources, so the rollup does not wait behind another run's pages.
        source_id = f"rollup-{self.name}"[:_SOURCE_CHARACTERS_MAX]
        draft.request_work(WantedWork(f"{draft.run.run_id}/{self.name}/0", self.name, source_id, pb.WorkTask(analytics_query=task)))
        draft.change(self.name, work_total=1)
        draft.start_step(self.name)
        return True

    def completed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Note the dataset that was written.

        Raises:
            OutcomeMalformed: the outcome is of another kind.
        """
        outcome = checked_kind(work, ANALYTICS).analytics_query
        draft.change(self.name, work_done=self.work_done + 1, rolled_up=outcome.dataset)

    def failed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Count a dead letter. A dataset that is missing because the run brought no record is no failure."""
        if work.reason == _DATASET_UNKNOWN and not draft.run.counts.records_in:
            draft.change(self.name, work_done=self.work_done + 1, message="There was nothing to roll up.")
        else:
            super().failed(draft, work)

    def retried(self, old: "Run", chosen: Sequence[WantedWork], *, whole: bool) -> "RollupStep":  # noqa: ARG002 - depends on the step alone
        """Run the rollup unless it succeeded: one that succeeded depended on nothing that failed."""
        return self.reset(skipped=self.skipped or self.state is RunState.SUCCEEDED)
