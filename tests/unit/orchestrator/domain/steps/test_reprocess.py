"""A run that reprocesses a dataset: plan, chunks a few at a time, compare, and apply only when asked for."""

import pytest

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain.run import ReprocessRequest, Run, RunBounds, Transition
from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.step_types import REPROCESS_APPLY, REPROCESS_COMPARE, REPROCESS_NORMALIZE, REPROCESS_PLAN
from chartly.orchestrator.domain.steps.reprocess import reprocess_steps
from chartly.orchestrator.domain.work import EndedWork, WantedWork
from chartly.v1 import common_pb2, reprocess_pb2
from chartly.v1 import coordinator_pb2 as pb

COUNTS = common_pb2.RecordCounts(records_in=10, canonical=6, duplicates=1, quarantined=3)
REASONS = [common_pb2.ReasonCount(reason="CONTRACT_VIOLATION", records=3)]
FOUND = reprocess_pb2.Reprocess(state="diffed", diff=reprocess_pb2.ReprocessDiff(counts=COUNTS, quarantine_reasons=REASONS))
CHUNK_DONE = pb.WorkOutcome(reprocess_normalize=pb.ReprocessNormalizeOutcome())


def plan(chunks: int) -> pb.WorkOutcome:
    """Return the outcome of a plan."""
    return pb.WorkOutcome(reprocess_plan=pb.ReprocessPlanOutcome(chunks=chunks))


def compared(found: reprocess_pb2.Reprocess) -> pb.WorkOutcome:
    """Return the outcome of a comparison."""
    return pb.WorkOutcome(reprocess_diff=pb.ReprocessOutcome(reprocess=found))


def rebuild(*, apply: bool = False, reviewed: bool = False) -> Run:
    """Return a reprocess run of ``sales-events``."""
    return Run(
        run_id="run_1",
        tenant="t",
        project="p",
        principal="user:ada",
        request_id="",
        workflow_id="",
        workflow_name="reprocess sales-events",
        steps=reprocess_steps("sales-events", "global::normalizer/sales@2.0.0", "sha256:2", apply=apply, reviewed=reviewed),
        created_at_ms=0,
        reprocess=ReprocessRequest("run_1", "sales-events", chunks=5 if reviewed else 0),
    )


def finish(run: Run, wanted: WantedWork, outcome: pb.WorkOutcome, state: str = "completed") -> Transition:
    """Complete a work item."""
    reason = "REPROCESS_STALE" if state == "failed" else ""
    return advance.ended(run, EndedWork(wanted.work_key, wanted.step, state, outcome, reason), 1, RunBounds(2, 1_000))


def chunks_done(run: Run, first: tuple[WantedWork, ...]) -> tuple[Run, tuple[WantedWork, ...], list[int]]:
    """Complete all chunks; return the run, its next work, and the number of open chunks at each step."""
    waiting, opened = list(first), [len(first)]
    after: tuple[WantedWork, ...] = ()
    while waiting:
        made = finish(run, waiting.pop(0), CHUNK_DONE)
        run = made.run
        waiting += [each for each in made.wanted if each.kind == REPROCESS_NORMALIZE]
        after = tuple(each for each in made.wanted if each.kind != REPROCESS_NORMALIZE)
        opened.append(len(waiting))
    return run, after, opened


def test_a_dry_run_ends_with_the_comparison() -> None:
    """A dry run has the counts and reasons of its comparison, and at most the bound of open chunks."""
    begun = advance.begin(rebuild(), 1)
    assert [each.kind for each in begun.wanted] == [REPROCESS_PLAN]
    planned = finish(begun.run, begun.wanted[0], plan(5))
    run, after, opened = chunks_done(planned.run, planned.wanted)
    assert max(opened) == 2
    assert [each.kind for each in after] == [REPROCESS_COMPARE]
    done = finish(run, after[0], compared(FOUND)).run
    assert done.state is RunState.SUCCEEDED
    assert (done.counts.records_in, done.counts.canonical, done.reasons) == (10, 6, {"CONTRACT_VIOLATION": 3})
    assert done.reprocess is not None
    assert done.reprocess.found == FOUND


def test_apply_follows_the_comparison() -> None:
    """A run that applies updates the dataset after the comparison."""
    begun = advance.begin(rebuild(apply=True), 1)
    planned = finish(begun.run, begun.wanted[0], plan(1))
    run, after, _ = chunks_done(planned.run, planned.wanted)
    after_diff = finish(run, after[0], compared(FOUND))
    assert [each.kind for each in after_diff.wanted] == [REPROCESS_APPLY]
    assert after_diff.updated == ()
    applied = finish(after_diff.run, after_diff.wanted[0], pb.WorkOutcome(reprocess_apply=pb.ReprocessOutcome(reprocess=FOUND)))
    assert applied.run.state is RunState.SUCCEEDED
    assert applied.updated == ("sales-events",)


def test_a_reviewed_dry_run_is_applied_at_once() -> None:
    """A run of a reviewed dry run only applies; a stale dry run fails it."""
    begun = advance.begin(rebuild(reviewed=True), 1)
    assert [each.kind for each in begun.wanted] == [REPROCESS_APPLY]
    failed = finish(begun.run, begun.wanted[0], pb.WorkOutcome(), state="failed").run
    assert (failed.state, failed.reason) == (RunState.FAILED, "REPROCESS_STALE")


def test_reprocess_that_quarantines_everything_succeeds() -> None:
    """A reprocess that quarantines every record succeeds."""
    begun = advance.begin(rebuild(), 1)
    planned = finish(begun.run, begun.wanted[0], plan(1))
    run, after, _ = chunks_done(planned.run, planned.wanted)
    diff = reprocess_pb2.ReprocessDiff(counts=common_pb2.RecordCounts(records_in=2, quarantined=2))
    assert finish(run, after[0], compared(reprocess_pb2.Reprocess(diff=diff))).run.state is RunState.SUCCEEDED


@pytest.mark.parametrize("outcome", [pb.WorkOutcome(), plan(0), plan(-1), CHUNK_DONE])
def test_a_plan_without_chunks_fails_the_run(outcome: pb.WorkOutcome) -> None:
    """A plan without chunks, or an outcome of another kind, fails the run with INTERNAL."""
    begun = advance.begin(rebuild(), 1)
    assert finish(begun.run, begun.wanted[0], outcome).run.reason == "INTERNAL"


def test_cancelled_reprocess_cancels_its_chunks() -> None:
    """A cancelled reprocess cancels its chunks."""
    begun = advance.begin(rebuild(apply=True), 1)
    planned = finish(begun.run, begun.wanted[0], plan(5))
    stopped = advance.cancel(planned.run, 2)
    assert stopped.cancel
    assert stopped.run.state is RunState.CANCELLED
