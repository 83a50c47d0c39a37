"""A hundred simulated worlds with all kinds of faults."""

import pytest

from .scenario import play

_SEEDS_A_TEST = 20


@pytest.mark.parametrize("first", range(0, 120, _SEEDS_A_TEST))
def test_no_world_breaks_an_invariant(first: int) -> None:
    """With faults of messages, disks, clocks and processes, runs end, counts add up, and nothing is done or recorded twice."""
    for seed in range(first, first + _SEEDS_A_TEST):
        try:
            play(seed)
        except AssertionError as broken:
            pytest.fail(f"seed {seed}: {broken}; replay: python -m tests.simulation.many --first {seed} --seeds 1 --trace")


def test_a_seed_replays() -> None:
    """The same seed gives the same sequence of events."""
    first, second = play(7), play(7)
    assert first.world.now_ms == second.world.now_ms
    assert first.runs.disk == second.runs.disk
    assert first.queue.disk == second.queue.disk


def test_worlds_have_every_fault() -> None:
    """Over some seeds each kind of fault occurs: lost, refused and retried items, and runs in each end state."""
    worlds = [play(seed) for seed in range(30)]
    items = [item for made in worlds for item in made.queue.disk.items.values()]
    assert any(item.losses for item in items)
    assert any(item.faults for item in items)
    assert any(item.attempts > 2 for item in items)
    ends = {run.state.value for made in worlds for run in made.runs.disk.runs.values()}
    assert ends == {"succeeded", "failed", "quarantined", "cancelled"}
    assert sum(node.life > 0 for made in worlds for node in made.world.nodes) > 10
    left = [each for made in worlds for _, each in made.runs.disk.left.values()]
    assert any(each.dead for each in left)
    assert any(not each.dead for each in left)
    retries = [made.runs.disk.runs[again].state.value for made in worlds for again in made.runs.disk.retried.values()]
    assert {"succeeded", "failed"} <= set(retries)
    triggers = {trigger.kind for made in worlds for run in made.runs.disk.runs.values() if (trigger := run.trigger) is not None}
    assert triggers == {"schedule", "event"}
    assert any(len(made.event_runs) > len(set(made.event_runs.values())) for made in worlds), "events that share a run"
