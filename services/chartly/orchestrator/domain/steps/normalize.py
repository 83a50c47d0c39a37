"""The normalize step: one task a page. It shares its pages and its counts with the write_dataset step that follows it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from chartly.orchestrator.domain.counts import RunCounts
from chartly.orchestrator.domain.step_types import NORMALIZE, SYNC, WRITE
from chartly.orchestrator.domain.work import EndedWork, WantedWork, checked_counts, checked_kind
from chartly.v1 import coordinator_pb2 as pb

from .pages import PageStep
from .write import WriteStep

if TYPE_CHECKING:
    from chartly.orchestrator.domain.draft import RunDraft
    from chartly.orchestrator.domain.run import Run


class NormalizeStep(PageStep, frozen=True, tag_field="type", tag=NORMALIZE):
    """Normalize the pages of the sources before it."""

    @classmethod
    def connection_problem(cls, before: Sequence[str], behind: Sequence[str]) -> str:
        """Pages come from syncs alone, and go to one dataset."""
        if not before or set(before) != {SYNC}:
            return "a normalize must depend on one or more connector_sync steps and on nothing else"
        if (writers := behind.count(WRITE)) != 1:
            return f"exactly one write_dataset must depend on a normalize; here {writers} do"
        return ""

    def writer(self, run: "Run") -> WriteStep:
        """Return the step that writes the dataset for the records of this one."""
        steps = (step for step in run.steps if isinstance(step, WriteStep) and not step.skipped)
        return next(step for step in steps if self.name in step.depends_on)

    def expect(self, draft: "RunDraft", count: int) -> None:
        """Note that ``count`` pages were asked for."""
        if not count:
            return
        for name in (self.name, self.writer(draft.run).name):
            draft.change(name, work_total=draft.run.step(name).work_total + count)
            draft.start_step(name)
        draft.change_run(pages_open=draft.run.pages_open + count)

    def completed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Add the counts of one page to the step, its writer and the run.

        Raises:
            OutcomeMalformed: the outcome is of another kind, or its counts leave a record out.
        """
        outcome = checked_kind(work, NORMALIZE).normalize
        counts = checked_counts(outcome.counts)
        draft.change_run(pages_open=draft.run.pages_open - 1)
        for step in (self, self.writer(draft.run)):
            draft.change(step.name, work_done=step.work_done + 1, counts=step.counts + counts)
        reasons = dict(draft.run.reasons)
        for held_back in outcome.quarantine_reasons:
            reasons[held_back.reason] = reasons.get(held_back.reason, 0) + held_back.records
        total: RunCounts = draft.run.counts + counts
        draft.change_run(counts=total, reasons=reasons)

    def failed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Count the page as a dead letter of the step and of its writer."""
        draft.change_run(pages_open=draft.run.pages_open - 1)
        draft.add_dead_letter(work, self.name, self.writer(draft.run).name)

    def repeated(self, wanted: WantedWork, work_key: str) -> WantedWork:
        """Return the same page under another key. Its place in the old run means nothing in the new one."""
        task = pb.WorkTask()
        task.CopyFrom(wanted.task)
        task.normalize.ClearField("page")
        return msgspec.structs.replace(wanted, work_key=work_key, task=task)
