"""The connector_sync step: one sync task after the other, until the source has no more pages for this run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from chartly.orchestrator.domain.ledger_events import RunEvent
from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.step_types import SYNC
from chartly.orchestrator.domain.work import EndedWork, OutcomeMalformed, WantedWork, checked_kind
from chartly.profiles import Reference
from chartly.v1 import common_pb2
from chartly.v1 import coordinator_pb2 as pb

from .base import BaseStep, may_begin
from .normalize import NormalizeStep
from .write import WriteStep

if TYPE_CHECKING:
    from chartly.orchestrator.domain.draft import RunDraft
    from chartly.orchestrator.domain.run import Run


class SyncStep(BaseStep, frozen=True, tag_field="type", tag=SYNC):
    """Read the pages of one source."""

    source_id: str = ""
    sequence: int = 0
    """Number of the next sync."""
    syncing: bool = False
    """Whether a sync is under way."""
    exhausted: bool = False
    """Whether the source has no more pages for this run."""
    requests: int = 0
    retries: int = 0
    continues: str = ""
    """The run whose cursor this step continues from; empty for the run's own."""

    @classmethod
    def of_profile(
        cls,
        name: str,
        profile_ref: str,
        profile_hash: str,
        depends_on: tuple[str, ...],
        spec: Mapping[str, Any],  # noqa: ARG003 - the source is named by the profile's reference
    ) -> Self:
        """Return a new step that reads the source of its connector profile."""
        return cls(name, profile_ref, profile_hash, depends_on, source_id=Reference.parse(profile_ref).name)

    @property
    def outstanding(self) -> bool:
        """Whether the source was not read to its end."""
        return not self.skipped and not self.exhausted

    def advance(self, draft: "RunDraft", before: Sequence[BaseStep]) -> bool:
        """Ask for the next sync unless too many pages are open; end the step when the source is exhausted."""
        if self.exhausted:
            return draft.end_step(self.name, RunState.FAILED if self.dead else RunState.SUCCEEDED)
        if self.syncing or not may_begin(before) or draft.run.pages_open > draft.pages_open_max:
            return False
        frozen = common_pb2.FrozenProfile(ref=self.profile_ref, hash=self.profile_hash)
        task = pb.SyncTask(connector=frozen, sequence=self.sequence, continues_run_id=self.continues)
        key = f"{draft.run.run_id}/{self.name}/{self.sequence}"
        draft.request_work(WantedWork(key, self.name, self.source_id, pb.WorkTask(connector_sync=task)))
        draft.change(self.name, syncing=True, sequence=self.sequence + 1, work_total=self.work_total + 1)
        draft.start_step(self.name)
        return True

    def completed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Ask for the normalization of each page, once for each normalize step that depends on this one.

        Raises:
            OutcomeMalformed: the outcome is of another kind, or a page has no digest.
        """
        outcome = checked_kind(work, SYNC).connector_sync
        if not all(page.sha256 for page in outcome.pages):
            raise OutcomeMalformed("a page has no sha256")
        draft.change(
            self.name,
            syncing=False,
            exhausted=outcome.finished,
            work_done=self.work_done + 1,
            requests=self.requests + outcome.requests,
            retries=self.retries + outcome.retries,
        )
        for step in draft.run.steps:
            if isinstance(step, NormalizeStep) and not step.skipped and self.name in step.depends_on:
                writer = step.writer(draft.run)
                draft.request_work(
                    *(self._page_work(draft.run.run_id, step, writer, place, raw) for place, raw in enumerate(outcome.pages))
                )
                step.expect(draft, len(outcome.pages))

    def failed(self, draft: "RunDraft", work: EndedWork) -> None:
        """Count the sync as a dead letter; the source is not read on in this run."""
        draft.add_dead_letter(work, self.name)
        draft.change(self.name, syncing=False, exhausted=True)

    def retried(self, old: "Run", chosen: Sequence[WantedWork], *, whole: bool) -> "SyncStep":
        """Read on with the cursor of the run that began to read the source; skip a source that is not asked for."""
        if self.skipped or not (chosen or (whole and not self.exhausted)):
            return self.reset(source_id=self.source_id, skipped=True)
        sequence = chosen[0].task.connector_sync.sequence if chosen else self.sequence
        return self.reset(source_id=self.source_id, sequence=sequence, continues=self.continues or old.run_id)

    def changes_on_failure(self) -> dict[str, object]:
        """Return that no sync is under way any more."""
        return {"syncing": False}

    def begin_events(self, run: "Run", now_ms: int) -> tuple[RunEvent, ...]:
        """Return the event that names the frozen connector profile."""
        if self.skipped:
            return ()
        kind, details = "connector.profile.resolved", {"profile_hash": self.profile_hash, "step": self.name}
        return (RunEvent(f"{run.run_id}/{kind}/{self.name}", kind, f"profile/{self.profile_ref}", details, now_ms),)

    def start_events(self, run: "Run", now_ms: int) -> tuple[RunEvent, ...]:
        """Return the event of the source's first sync."""
        return (self._event(run, "connector.run.started", {"profile_hash": self.profile_hash, "step": self.name}, now_ms),)

    def end_events(self, run: "Run", now_ms: int) -> tuple[RunEvent, ...]:
        """Return the event of the source's last sync."""
        details: dict[str, Any] = {"step": self.name, "syncs": self.work_done, "requests": self.requests, "retries": self.retries}
        if self.state is RunState.FAILED:
            details["reason"] = self.reason
        return (self._event(run, f"connector.run.{self.state.value}", details, now_ms),)

    def _page_work(self, run_id: str, normalize: NormalizeStep, writer: WriteStep, place: int, raw: common_pb2.RawRef) -> WantedWork:
        """Request work on one page. Two pages with equal bytes are two work items: the key has the page's place, not its bytes."""
        sequence = self.sequence - 1
        task = pb.NormalizeTask(
            page=pb.PageRef(source_id=self.source_id, sequence=sequence, place=place),
            raw=raw,
            normalizer=common_pb2.FrozenProfile(ref=normalize.profile_ref, hash=normalize.profile_hash),
            storage=common_pb2.FrozenProfile(ref=writer.profile_ref, hash=writer.profile_hash),
        )
        return WantedWork(
            work_key=f"{run_id}/{normalize.name}/{self.name}/{sequence}.{place}",
            step=normalize.name,
            source_id=self.source_id,
            task=pb.WorkTask(normalize=task),
            data_bytes=raw.size_bytes,
        )

    def _event(self, run: "Run", kind: str, details: dict[str, Any], now_ms: int) -> RunEvent:
        return RunEvent(f"{run.run_id}/{kind}/{self.name}", kind, f"source/{self.source_id}", details, now_ms)
