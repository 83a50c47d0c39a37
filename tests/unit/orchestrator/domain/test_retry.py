"""Retries of runs and of dead letters."""

from collections.abc import Sequence

import msgspec
import pytest
from tests.unit.orchestrator.conftest import ANALYTICS, NORMALIZE, SYNC, Sim

from chartly.orchestrator.domain import retry
from chartly.orchestrator.domain.retry import DeadLetterState
from chartly.orchestrator.domain.run import Run, Transition
from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.work import DeadLetter, WantedWork
from chartly.orchestrator.errors import IllegalTransition


def retried_run(old: Run, left: Sequence[WantedWork], *, whole: bool = True) -> Transition:
    """Return the transition that retries the given dead letters of a run."""
    work = [DeadLetter(wanted, "CORRUPT", "", dead=True) for wanted in left]
    return retry.retry_run(old, work, whole=whole, run_id="run_2", principal="user:bob", request_id="r2", now_ms=5_000)


def test_retry_does_failed_pages_and_the_rollup(sim: type[Sim]) -> None:
    """The new run queues the failed page with its frozen profiles and the rollup that never began, and reads no source."""
    run = sim()
    run.synced(2)
    dead = run.wants(NORMALIZE)[0]
    run.ended(dead, "failed", reason="CORRUPT")
    run.normalized(canonical=1)
    made = retried_run(run.run, [dead])
    [page] = made.wanted
    assert (page.task.normalize.raw, page.step, page.source_id) == (dead.task.normalize.raw, dead.step, dead.source_id)
    assert page.task.normalize.normalizer == dead.task.normalize.normalizer
    assert (dead.task.normalize.HasField("page"), page.task.normalize.HasField("page")) == (True, False)
    assert page.work_key != dead.work_key
    assert (made.run.retry_of, made.run.principal, made.run.state, made.run.dead) == ("run_1", "user:bob", RunState.QUEUED, {})
    assert [each.profile_hash for each in made.run.steps] == [each.profile_hash for each in run.run.steps]
    assert {each.name: each.skipped for each in made.run.steps} == {"sync": True, "normalize": False, "write": False, "rollup": False}

    follow = sim.of(made)
    follow.normalized(canonical=1)
    follow.rolled_up()
    assert (follow.run.state, follow.run.counts.records_in) == (RunState.SUCCEEDED, 1)


def test_failed_sync_continues_from_its_cursor(sim: type[Sim]) -> None:
    """A failed sync is retried with the old run's cursor and sequence, and the source is read to its end."""
    run = sim()
    run.synced(1, finished=False)
    dead = run.wants(SYNC)[0]
    run.normalized(canonical=1)
    run.ended(dead, "failed", reason="UPSTREAM_UNAVAILABLE")
    made = retried_run(run.run, [dead])
    [sync] = made.wanted
    assert (sync.kind, sync.task.connector_sync.sequence, sync.task.connector_sync.continues_run_id) == (SYNC, 1, "run_1")
    follow = sim.of(made)
    follow.synced(1)
    follow.normalized(canonical=1)
    follow.rolled_up()
    assert follow.run.state is RunState.SUCCEEDED


def test_retry_of_a_retry_has_the_first_cursor(sim: type[Sim]) -> None:
    """Every retry of a source continues with the cursor of the run that began to read it."""
    run = sim()
    dead = run.wants(SYNC)[0]
    run.ended(dead, "failed", reason="UPSTREAM_UNAVAILABLE")
    second = sim.of(retried_run(run.run, [dead]))
    dead = second.wants(SYNC)[0]
    second.ended(dead, "failed", reason="UPSTREAM_UNAVAILABLE")
    [third] = retried_run(second.run, [dead]).wanted
    assert third.task.connector_sync.continues_run_id == "run_1"


def test_cancelled_run_goes_on_with_everything(sim: type[Sim]) -> None:
    """Open work of a cancelled run is retried, and its source is read to the end even if no sync was open."""
    run = sim()
    run.synced(6, finished=False)
    assert run.wants(SYNC) == []
    left = run.wants(NORMALIZE)
    run.cancel()
    assert retry.outstanding(run.run)
    made = retried_run(run.run, left)
    assert [each.kind for each in made.wanted] == [NORMALIZE] * 6
    follow = sim.of(made)
    for _ in range(6):
        follow.normalized(canonical=1)
    assert [sync.task.connector_sync.sequence for sync in follow.wants(SYNC)] == [1]


def test_some_letters_leave_the_source_alone(sim: type[Sim]) -> None:
    """A retry of single dead letters reads no other source."""
    run = sim()
    run.synced(2, finished=False)
    dead = run.wants(NORMALIZE)[0]
    run.ended(dead, "failed", reason="CORRUPT")
    run.cancel()
    made = retried_run(run.run, [dead], whole=False)
    assert [each.kind for each in made.wanted] == [NORMALIZE]
    assert made.run.step("sync").skipped


def test_rollup_that_succeeded_is_not_run_again(sim: type[Sim]) -> None:
    """A rollup is retried only if it failed or never began."""
    run = sim()
    run.synced(1)
    run.normalized(canonical=1)
    dead = run.wants(ANALYTICS)[0]
    run.ended(dead, "failed", reason="QUERY_LIMIT")
    assert [each.kind for each in retried_run(run.run, [dead]).wanted] == [ANALYTICS]


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING, RunState.SUCCEEDED, RunState.QUARANTINED])
def test_run_that_did_not_end_badly_is_not_retried(sim: type[Sim], state: RunState) -> None:
    """Only failed and cancelled runs can be retried."""
    with pytest.raises(IllegalTransition):
        retry.check_retriable(msgspec.structs.replace(sim().run, state=state))


def test_resolved_letters_stay_so() -> None:
    """A dead letter is retried or discarded once; work that was open at the run's end can't be discarded."""
    assert retry.move(DeadLetterState.DEAD, DeadLetterState.RETRIED) is DeadLetterState.RETRIED
    for before, after in (
        (DeadLetterState.RETRIED, DeadLetterState.RETRIED),
        (DeadLetterState.RETRIED, DeadLetterState.DISCARDED),
        (DeadLetterState.DISCARDED, DeadLetterState.RETRIED),
        (DeadLetterState.OPEN_AT_END, DeadLetterState.DISCARDED),
    ):
        with pytest.raises(IllegalTransition):
            retry.move(before, after)
