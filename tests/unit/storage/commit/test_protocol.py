"""Which steps a prepared commit still needs."""

import itertools
import random

import pytest

from chartly.storage.commit.protocol import Progress, Step, remaining
from chartly.storage.errors import Corrupt

ALL = (Step.QUARANTINE, Step.TABLE, Step.INDEX, Step.ROW)


def at(sequence: int, **further: int) -> Progress:
    """Every store at ``sequence``, but for those named."""
    fields = {"quarantine": sequence, "table": sequence, "index": sequence, "row": sequence, **further}
    return Progress(**fields)


def test_fresh_commit_needs_every_step() -> None:
    """Nothing is done yet: quarantine, table, index, row, in this order."""
    assert remaining(5, at(4), quarantines=True, indexed=True) == ALL


def test_steps_that_are_done_are_left_out() -> None:
    """A crash after the table leaves index and row."""
    assert remaining(5, at(4, quarantine=5, table=5), quarantines=True, indexed=True) == (Step.INDEX, Step.ROW)


def test_commit_without_quarantine_or_index_needs_neither() -> None:
    """A derived dataset has no index, and a clean chunk nothing to quarantine."""
    assert remaining(1, at(0), quarantines=False, indexed=False) == (Step.TABLE, Step.ROW)


def test_lost_index_does_not_stop_a_commit() -> None:
    """The index is derived: behind or ahead, it is brought right later."""
    assert Step.INDEX in remaining(5, at(4, index=0), quarantines=False, indexed=True)
    assert Step.INDEX not in remaining(5, at(4, index=5), quarantines=False, indexed=True)


@pytest.mark.parametrize("progress", [at(4, table=3), at(4, table=6), at(4, row=3), at(4, row=5), at(4, quarantine=6)])
def test_store_that_lost_or_invented_a_commit_is_refused(progress: Progress) -> None:
    """A table behind an acknowledged commit, or ahead of the metadata database, is damage and not a state of the protocol."""
    with pytest.raises(Corrupt):
        remaining(5, progress, quarantines=True, indexed=True)


def test_commits_made_together_take_each_step_as_one() -> None:
    """Each store goes from the sequence before the first to that of the last."""
    assert remaining(8, at(4), quarantines=True, indexed=True, first=5) == ALL
    assert remaining(8, at(4, quarantine=8, table=8), quarantines=True, indexed=True, first=5) == (Step.INDEX, Step.ROW)


@pytest.mark.parametrize("progress", [at(4, table=5), at(4, table=7), at(4, quarantine=6), at(5), at(4, row=7)])
def test_store_within_commits_made_together_is_refused(progress: Progress) -> None:
    """A store that holds some of them and not all was not written by the protocol."""
    with pytest.raises(Corrupt):
        remaining(8, progress, quarantines=True, indexed=True, first=5)


def test_any_crashes_of_groups_lead_to_the_same_end() -> None:
    """However groups of any size are cut off, each of their steps is done once, and the stores end at the last sequence."""
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
    """However often the steps are cut off, each is done once and all are done."""
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
