"""Finished work, several items of one run at once."""

from tests.unit.orchestrator.conftest import BOUNDS, NORMALIZE, SYNC, Sim, synced

from chartly.orchestrator.domain.finished_work import take_in
from chartly.orchestrator.domain.run import Run, Transition
from chartly.orchestrator.domain.states import RunState
from chartly.orchestrator.domain.work import EndedWork, WantedWork
from chartly.v1 import coordinator_pb2 as pb

PAGES = synced("0" * 64)


def end(wanted: WantedWork, state: str = "completed", outcome: pb.WorkOutcome | None = None) -> tuple[str, EndedWork]:
    """Return an end as the queue lists it."""
    return "run_1", EndedWork(wanted.work_key, wanted.step, state, outcome or pb.WorkOutcome(), "CORRUPT" if state == "failed" else "")


def taken(run: Sim, *finished: tuple[str, EndedWork]) -> tuple[Transition, set[str]]:
    """Return the transition of the run, and the keys that stay open."""
    opened = set(run.open)

    def close(key: str) -> bool:
        if key not in opened:
            return False
        opened.remove(key)
        return True

    def find(_: str) -> Run:
        return run.run

    [transition] = take_in(finished, close, find, 2_000, BOUNDS).values()
    return transition, opened


def test_ends_after_the_run_are_ignored(sim: type[Sim]) -> None:
    """Ends that are read after the end of their run close no work: it is left for a retry."""
    run = sim()
    run.synced(BOUNDS.dead_letters_max + 3)
    pages = run.wants(NORMALIZE)
    transition, opened = taken(run, *(end(page, "failed") for page in pages))
    assert transition.run.state is RunState.FAILED
    assert len(transition.dead) == BOUNDS.dead_letters_max + 1
    assert opened == {page.work_key for page in pages[-2:]}


def test_pages_queued_at_the_end_are_left(sim: type[Sim]) -> None:
    """Pages that were queued in the read in which the run ended are left for a retry."""
    run = sim()
    run.synced(3, finished=False)
    [sync] = run.wants(SYNC)
    cancelled = end(run.wants(NORMALIZE)[0], "cancelled")
    transition, opened = taken(run, end(sync, outcome=PAGES), cancelled)
    assert transition.run.state is RunState.CANCELLED
    assert [wanted.kind for wanted in transition.left] == [NORMALIZE]
    assert (len(opened), transition.wanted) == (2, ())


def test_repeated_end_counts_nothing(sim: type[Sim]) -> None:
    """An end that is listed twice counts once."""
    run = sim()
    [sync] = run.wants(SYNC)
    transition, _ = taken(run, end(sync, outcome=PAGES), end(sync, outcome=PAGES))
    assert transition.run.step("sync").work_done == 1
