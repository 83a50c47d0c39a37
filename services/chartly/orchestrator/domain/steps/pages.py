"""What normalize and write_dataset steps have in common: both follow the same pages to their end."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chartly.orchestrator.domain.states import RunState

from .base import BaseStep

if TYPE_CHECKING:
    from chartly.orchestrator.domain.draft import RunDraft

_MESSAGE_CHARACTERS_MAX = 500


class PageStep(BaseStep, frozen=True, tag_field="type"):
    """A step that works on the pages of the sources before it. A sync requests the pages."""

    def advance(self, draft: "RunDraft", before: Sequence[BaseStep]) -> bool:
        """End the step once all pages are done and no more can come."""
        if not all(step.over for step in before) or self.work_done < self.work_total:
            return False
        broken = next((step for step in before if step.state.broken), None)
        if broken is not None and not self.dead:
            # All pages that came are done, but not all came: a step that waits for the whole must not begin.
            message = f"The step {broken.name} before it failed: {broken.message}"[:_MESSAGE_CHARACTERS_MAX]
            draft.change(self.name, reason=broken.reason, message=message)
        if broken is not None or self.dead:
            return draft.end_step(self.name, RunState.FAILED)
        return draft.end_step(self.name, RunState.QUARANTINED if self.counts.all_quarantined else RunState.SUCCEEDED)
