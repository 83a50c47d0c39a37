"""The run's state machine."""

import pytest
from tests.unit.orchestrator.conftest import ANALYTICS, BOUNDS, NORMALIZE, SEED, SYNC, WRITE, Sim, step, synced

from chartly.orchestrator.domain import advance
from chartly.orchestrator.domain.states import TRANSITIONS, RunState, move
from chartly.orchestrator.domain.work import EndedWork
from chartly.orchestrator.errors import IllegalTransition
from chartly.v1 import common_pb2
from chartly.v1 import coordinator_pb2 as pb


def test_run_is_queued_until_its_first_work_is(sim: type[Sim]) -> None:
    """A new run is queued with one sync; once the queue stored the sync, run and step are running."""
    run = sim()
    assert run.run.state is RunState.QUEUED
    assert [wanted.task.connector_sync.sequence for wanted in run.wants(SYNC)] == [0]
    run.dispatched()
    assert (run.run.state, run.states["sync"], run.run.started_at_ms) == (RunState.RUNNING, "running", 1_000)


def test_run_from_start_to_end(sim: type[Sim]) -> None:
    """Pages are normalized and written, the rollup follows, counts add up, and each ledger event occurs once."""
    run = sim()
    run.dispatched()
    run.synced(2, finished=False)
    assert len(run.wants(NORMALIZE)) == 2
    run.synced(1)
    for _ in range(3):
        run.normalized(canonical=4, quarantined=1)
    assert run.states == {"sync": "succeeded", "normalize": "succeeded", "write": "succeeded", "rollup": "running"}
    run.rolled_up()
    assert run.run.state is RunState.SUCCEEDED
    assert (run.run.counts.records_in, run.run.counts.canonical, run.run.counts.quarantined) == (15, 12, 3)
    assert run.run.reasons == {"CONTRACT_VIOLATION": 3}
    assert run.run.step("normalize").counts == run.run.step("write").counts == run.run.counts
    assert run.events == [
        "connector.profile.resolved",
        "workflow.run.started",
        "connector.run.started",
        "connector.run.succeeded",
        "workflow.run.succeeded",
    ]
    assert not run.open


def test_first_end_may_come_before_the_dispatch_is_noted(sim: type[Sim]) -> None:
    """After a crash between queueing work and recording that, the first end starts the run."""
    run = sim()
    run.synced(1)
    assert (run.run.state, run.states["sync"]) == (RunState.RUNNING, "succeeded")
    assert run.events.count("workflow.run.started") == 1
    run.dispatched()
    assert run.events.count("workflow.run.started") == 1


def test_repeated_page_is_two_work_items(sim: type[Sim]) -> None:
    """Equal bytes at two places are two work items with two keys."""
    run = sim()
    [first] = run.wants(SYNC)
    run.ended(first, outcome=synced("a" * 64, "a" * 64))
    assert len({wanted.work_key for wanted in run.wants(NORMALIZE)}) == 2


def test_nothing_canonical_is_quarantined_and_not_rolled_up(sim: type[Sim]) -> None:
    """If all input is quarantined the run is quarantined, and dependent steps never begin."""
    run = sim()
    run.synced(2)
    run.normalized(quarantined=3)
    run.normalized(quarantined=1)
    assert run.run.state is RunState.QUARANTINED
    assert run.states == {"sync": "succeeded", "normalize": "quarantined", "write": "quarantined", "rollup": "quarantined"}
    assert not run.wants(ANALYTICS)
    assert run.events[-1] == "workflow.run.quarantined"


def test_replayed_input_is_a_success(sim: type[Sim]) -> None:
    """A run over pages that were committed before changes nothing and succeeds."""
    run = sim()
    run.synced(1)
    run.normalized(replayed=5)
    run.rolled_up()
    assert (run.run.state, run.run.counts.replayed) == (RunState.SUCCEEDED, 5)


def test_dead_letter_does_not_delay_other_pages(sim: type[Sim]) -> None:
    """Other pages continue; then step and run fail with reason and count, and a step that depends on all pages never begins."""
    run = sim()
    run.synced(3)
    transition = run.ended(run.wants(NORMALIZE)[0], "failed", reason="CORRUPT")
    assert (run.run.state, len(run.wants(NORMALIZE)), transition.cancel) == (RunState.RUNNING, 2, False)
    assert [work.reason for work in transition.dead] == ["CORRUPT"]
    run.normalized(canonical=1)
    run.normalized(canonical=2)
    assert (run.run.state, run.run.reason, run.run.dead) == (RunState.FAILED, "CORRUPT", {"CORRUPT": 1})
    assert run.states == {"sync": "succeeded", "normalize": "failed", "write": "failed", "rollup": "cancelled"}
    assert run.run.counts.canonical == 3
    assert run.run.message.startswith("1 dead letter (CORRUPT 1)")
    before = run.run
    assert run.wants(ANALYTICS) == []
    assert advance.ended(before, EndedWork("k", "normalize", "completed"), 9, BOUNDS).run == before


def test_source_is_read_after_a_dead_letter(sim: type[Sim]) -> None:
    """A page that fails does not stop the reading of its source."""
    run = sim()
    run.synced(1, finished=False)
    run.ended(run.wants(NORMALIZE)[0], "failed", reason="CORRUPT")
    run.synced(1)
    run.normalized(canonical=1)
    assert (run.run.state, run.run.counts.canonical) == (RunState.FAILED, 1)


def test_dead_source_lets_its_pages_end(sim: type[Sim]) -> None:
    """When a source fails its pages continue; their steps then fail with its reason, since pages are missing."""
    run = sim()
    run.synced(2, finished=False)
    run.ended(run.wants(SYNC)[0], "failed", reason="UPSTREAM_UNAVAILABLE")
    run.normalized(canonical=1)
    run.normalized(canonical=1)
    assert (run.run.state, run.run.reason, run.run.counts.canonical) == (RunState.FAILED, "UPSTREAM_UNAVAILABLE", 2)
    assert run.states == {"sync": "failed", "normalize": "failed", "write": "failed", "rollup": "cancelled"}


def test_independent_branch_continues(sim: type[Sim]) -> None:
    """A branch that does not depend on the failed step runs to its end, with its rollup."""
    run = sim(
        (
            step("sync", SYNC),
            step("normalize", NORMALIZE, "sync"),
            step("write", WRITE, "normalize"),
            step("sync-2", SYNC, source_id="other"),
            step("normalize-2", NORMALIZE, "sync-2"),
            step("write-2", WRITE, "normalize-2", dataset="other"),
            step("rollup-2", ANALYTICS, "write-2"),
        )
    )
    first, second = run.wants(SYNC)
    run.ended(first, "failed", reason="UPSTREAM_UNAVAILABLE")
    run.ended(second, outcome=synced("0" * 64))
    run.normalized(canonical=1)
    run.rolled_up()
    assert run.run.state is RunState.FAILED
    assert run.states["rollup-2"] == run.states["write-2"] == "succeeded"
    assert run.states["write"] == "cancelled"


def test_too_many_dead_letters_end_the_run(sim: type[Sim]) -> None:
    """With more dead letters than the bound the run fails at once, and its open work is left for a retry."""
    run = sim()
    run.synced(6)
    for _ in range(BOUNDS.dead_letters_max):
        run.ended(run.wants(NORMALIZE)[0], "failed", reason="CORRUPT")
    assert run.run.state is RunState.RUNNING
    transition = run.ended(run.wants(NORMALIZE)[0], "failed", reason="CORRUPT")
    assert (run.run.state, transition.cancel, len(transition.dead)) == (RunState.FAILED, True, 1)


def test_update_event_follows_the_end_of_the_step(sim: type[Sim]) -> None:
    """The event of a dataset's update occurs when its step has ended, in any state; a replay has none."""
    run = sim()
    run.synced(2)
    assert run.normalized(canonical=1).updated == ()
    assert run.normalized(replayed=1).updated == ("sales-events",)
    assert run.rolled_up().updated == ("rolled-up",)

    replay = sim()
    replay.synced(1)
    assert replay.normalized(replayed=5).updated == ()

    cancelled = sim()
    cancelled.synced(2)
    cancelled.normalized(canonical=1)
    assert advance.cancel(cancelled.run, 9).updated == ("sales-events",)


def test_failed_sync_has_a_ledger_event(sim: type[Sim]) -> None:
    """The connector's ledger event comes before the run's."""
    run = sim()
    run.dispatched()
    run.ended(run.wants(SYNC)[0], "failed", reason="UPSTREAM_UNAVAILABLE")
    assert run.events[-2:] == ["connector.run.failed", "workflow.run.failed"]


@pytest.mark.parametrize(
    "outcome",
    [
        pb.WorkOutcome(normalize=pb.NormalizeOutcome(counts=common_pb2.RecordCounts(records_in=3, canonical=1))),
        pb.WorkOutcome(normalize=pb.NormalizeOutcome(counts=common_pb2.RecordCounts(canonical=-1, duplicates=1))),
        pb.WorkOutcome(analytics_query=pb.RollupOutcome(dataset="sales-events")),
        pb.WorkOutcome(),
    ],
)
def test_outcome_that_does_not_add_up_is_a_dead_letter(sim: type[Sim], outcome: pb.WorkOutcome) -> None:
    """An outcome whose counts don't add up, or of another kind, fails the run and is not counted."""
    run = sim()
    run.synced(1)
    run.ended(run.wants(NORMALIZE)[0], outcome=outcome)
    assert (run.run.state, run.run.reason, run.run.counts.records_in) == (RunState.FAILED, "INTERNAL", 0)


def test_page_without_a_digest_fails_its_source(sim: type[Sim]) -> None:
    """A sync with a page without its digest is a dead letter, and none of its pages is queued."""
    run = sim()
    run.ended(run.wants(SYNC)[0], outcome=synced(""))
    assert (run.run.state, run.run.reason, run.wants(NORMALIZE)) == (RunState.FAILED, "INTERNAL", [])


def test_page_is_named_by_its_source_sync_and_place(sim: type[Sim]) -> None:
    """Each normalize task names the page within its run."""
    run = sim()
    run.synced(1, finished=False)
    run.synced(2)
    pages = [wanted.task.normalize.page for wanted in run.wants(NORMALIZE)]
    assert [(page.source_id, page.sequence, page.place) for page in pages] == [("sales", 0, 0), ("sales", 1, 0), ("sales", 1, 1)]


def test_source_waits_for_its_pages(sim: type[Sim]) -> None:
    """No sync is queued while too many pages are open."""
    run = sim()
    run.synced(6, finished=False)
    assert not run.wants(SYNC)
    run.normalized(canonical=1)
    assert not run.wants(SYNC)
    run.normalized(canonical=1)
    assert [wanted.task.connector_sync.sequence for wanted in run.wants(SYNC)] == [1]


def test_empty_source_succeeds(sim: type[Sim]) -> None:
    """A source without pages succeeds, and so does its rollup when the dataset is missing."""
    run = sim()
    run.synced(0)
    run.ended(run.wants(ANALYTICS)[0], "failed", reason="DATASET_UNKNOWN")
    assert run.run.state is RunState.SUCCEEDED
    assert set(run.states.values()) == {"succeeded"}


def test_rollup_that_finds_no_dataset_after_records_fails(sim: type[Sim]) -> None:
    """If there were records a missing dataset fails the rollup."""
    run = sim()
    run.synced(1)
    run.normalized(canonical=1)
    run.ended(run.wants(ANALYTICS)[0], "failed", reason="DATASET_UNKNOWN")
    assert run.run.state is RunState.FAILED


def test_skipped_rollup_is_left_out(sim: type[Sim]) -> None:
    """A skipped step queues no work, and the run ends without it."""
    run = sim((*SEED[:3], step("rollup", ANALYTICS, "write", skipped=True)))
    run.synced(1)
    run.normalized(canonical=1)
    assert run.run.state is RunState.SUCCEEDED
    assert not run.open


def test_all_skipped_succeeds_at_once(sim: type[Sim]) -> None:
    """A run whose steps are all skipped succeeds at once."""
    run = sim((step("sync", SYNC, skipped=True),))
    assert run.run.state is RunState.SUCCEEDED
    assert run.events[-1] == "workflow.run.succeeded"


def test_two_sources_into_two_datasets(sim: type[Sim]) -> None:
    """Branches run concurrently; a step that depends on both begins after both; one quarantined branch doesn't quarantine the run."""
    run = sim(
        (
            step("a", SYNC, source_id="a"),
            step("na", NORMALIZE, "a"),
            step("wa", WRITE, "na"),
            step("b", SYNC, source_id="b"),
            step("nb", NORMALIZE, "b"),
            step("wb", WRITE, "nb"),
            step("of_a", ANALYTICS, "wa"),
            step("of_both", ANALYTICS, "wa", "wb"),
        )
    )
    for sync in run.wants(SYNC):
        run.ended(sync, outcome=synced("a" * 64))
    assert [wanted.step for wanted in run.wants(NORMALIZE)] == ["na", "nb"]
    run.normalized(canonical=1)
    assert [wanted.step for wanted in run.wants(ANALYTICS)] == ["of_a"]
    run.normalized(quarantined=1)
    run.rolled_up()
    assert run.run.state is RunState.SUCCEEDED
    assert (run.states["wb"], run.states["of_both"]) == ("quarantined", "quarantined")


def test_one_source_feeds_two_normalizers(sim: type[Sim]) -> None:
    """Each page is queued once for each normalize step, and written to that step's dataset."""
    run = sim(
        (
            step("sync", SYNC),
            step("n1", NORMALIZE, "sync"),
            step("w1", WRITE, "n1", dataset="one"),
            step("n2", NORMALIZE, "sync"),
            step("w2", WRITE, "n2", dataset="two"),
        )
    )
    run.synced(2)
    assert [(wanted.step, wanted.task.normalize.storage.hash) for wanted in run.wants(NORMALIZE)] == [
        ("n1", "sha256:w1"),
        ("n1", "sha256:w1"),
        ("n2", "sha256:w2"),
        ("n2", "sha256:w2"),
    ]


def test_cancel_is_final_and_idempotent(sim: type[Sim]) -> None:
    """A cancelled run queues nothing; a repeated cancellation changes nothing; after another end it is refused."""
    run = sim()
    run.dispatched()
    transition = advance.cancel(run.run, 2_000)
    assert (transition.run.state, transition.cancel, transition.wanted) == (RunState.CANCELLED, True, ())
    assert advance.cancel(transition.run, 3_000).run == transition.run

    run.ended(run.wants(SYNC)[0], "failed", reason="X")
    with pytest.raises(IllegalTransition):
        advance.cancel(run.run, 3_000)


def test_work_cancelled_from_outside_cancels_the_run(sim: type[Sim]) -> None:
    """A run whose work was cancelled in the queue is cancelled."""
    run = sim()
    run.ended(run.wants(SYNC)[0], "cancelled")
    assert run.run.state is RunState.CANCELLED


def test_overdue_run_fails_with_its_reason(sim: type[Sim]) -> None:
    """A run can be failed as a whole, once."""
    run = sim()
    transition = advance.broken(run.run, "DEADLINE_EXCEEDED", "too long", 5_000)
    assert (transition.run.state, transition.run.reason, transition.run.ended_at_ms) == (RunState.FAILED, "DEADLINE_EXCEEDED", 5_000)
    assert advance.broken(transition.run, "X", "", 6_000).run == transition.run


def test_event_keys_are_unique_within_a_run(sim: type[Sim]) -> None:
    """No two ledger events of a run have the same key."""
    keys = [event.key for event in advance.begin(sim().run, 1_000).events]
    run = sim()
    for happening in (run.dispatched, lambda: run.synced(1), lambda: run.normalized(canonical=1)):
        keys += [event.key for event in happening().events]
    assert len(keys) == len(set(keys))
    assert all(len(key) <= 128 for key in keys)


def test_end_states_have_no_transition() -> None:
    """An end state has no transition, and transitions that the table lacks are refused."""
    for before in RunState:
        for after in RunState:
            if after in TRANSITIONS[before]:
                assert move(before, after) is after
            else:
                with pytest.raises(IllegalTransition):
                    move(before, after)
    assert {state for state in RunState if state.ended} == {
        RunState.SUCCEEDED,
        RunState.FAILED,
        RunState.QUARANTINED,
        RunState.CANCELLED,
    }
