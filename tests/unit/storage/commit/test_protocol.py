"""The remaining steps of a prepared commit."""

import itertools
import random

import pytest

from chartly.storage.commit.protocol import Progress, Step, remaining
from chartly.storage.errors import Corrupt

ALL = (Step.QUARANTINE, Step.TABLE, Step.INDEX, Step.ROW)


def at(sequence: int, **further: int) -> Progress:
    """Return the progress of all stores at ``sequence``, except those named."""
    fields = {"quarantine": sequence, "table": sequence, "index": sequence, "row": sequence, **further}
    return Progress(**fields)


def test_fresh_commit_needs_every_step() -> None:
    """A new commit needs quarantine, table, index and row, in this order."""
    assert remaining(5, at(4), quarantines=True, indexed=True) == ALL


def test_steps_that_are_done_are_left_out() -> None:
    """After a crash behind the table step, index and row remain."""
    assert remaining(5, at(4, quarantine=5, table=5), quarantines=True, indexed=True) == (Step.INDEX, Step.ROW)


def test_commit_without_quarantine_or_index_needs_neither() -> None:
    """A derived dataset has no index step, and a chunk without rejected records no quarantine step."""
    assert remaining(1, at(0), quarantines=False, indexed=False) == (Step.TABLE, Step.ROW)


def test_lost_index_does_not_stop_a_commit() -> None:
    """An index behind or ahead does not stop a commit, since it is derived from the table."""
    assert Step.INDEX in remaining(5, at(4, index=0), quarantines=False, indexed=True)
    assert Step.INDEX not in remaining(5, at(4, index=5), quarantines=False, indexed=True)


@pytest.mark.parametrize("progress", [at(4, table=3), at(4, table=6), at(4, row=3), at(4, row=5), at(4, quarantine=6)])
def test_store_that_lost_or_invented_a_commit_is_refused(progress: Progress) -> None:
    """A table behind an acknowledged commit, or ahead of the metadata database, is damage."""
    with pytest.raises(Corrupt):
        remaining(5, progress, quarantines=True, indexed=True)


def test_commits_made_together_take_each_step_as_one() -> None:
    """A group moves each store from the sequence before its first commit to that of its last."""
    assert remaining(8, at(4), quarantines=True, indexed=True, first=5) == ALL
    assert remaining(8, at(4, quarantine=8, table=8), quarantines=True, indexed=True, first=5) == (Step.INDEX, Step.ROW)


@pytest.mark.parametrize("progress", [at(4, table=5), at(4, table=7), at(4, quarantine=6), at(5), at(4, row=7)])
def test_store_within_commits_made_together_is_refused(progress: Progress) -> None:
    """A store at a sequence within a group is damage."""
    with pytest.raises(Corrupt):
        remaining(8, progress, quarantines=True, indexed=True, first=5)


def test_any_crashes_of_groups_lead_to_the_same_end() -> None:
    """With crashes at any step of groups of any size each step is done once, and all stores reach the last sequence."""
    for seed in range(500):
        chance = random.Random(seed)  # noqa: S311 - a seeded simulation
        stores = {"quarantine": 0, "table": 0, "index": 0, "row": 0}
        last = 0
        while last < 20:
            first, last = last + 1, last + chance.randint(1, 5)
            done: list[Step] = []
            while stores["row"] < last:
                steps = remaining(last, Progress(**stores), quarantines=True, indexed=True, first=first)
                for step in steps[: chance.randint(0, len(steps))]:
                    stores[step.value] = last
                    done.append(step)
            assert done == list(ALL), seed
        assert set(stores.values()) == {last}


def test_any_crashes_lead_to_the_same_end() -> None:
    """With any number of crashes each step is done once, and all are done."""
    for seed in range(500):
        chance = random.Random(seed)  # noqa: S311 - a seeded simulation
        stores = {"quarantine": 4, "table": 4, "index": 4, "row": 4}
        done: list[Step] = []
        for _ in itertools.count():
            steps = remaining(5, Progress(**stores), quarantines=True, indexed=True)
            for step in steps[: chance.randint(0, len(steps))]:
                stores[step.value] = 5
                done.append(step)
            if stores["row"] == 5:
                break
        assert tuple(done) == ALL, f"seed {seed}"
