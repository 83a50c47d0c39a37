"""The commit protocol's decision: which steps a prepared commit still needs, told from what each store holds. Pure.

Every step is atomic and leaves its sequence in the store that it changed, so whoever comes after a crash at any point sees how far it
came, and the remaining steps lead to the same dataset::

    files durable → row prepared → quarantine table → table → dedupe index → row committed
                    └ from here on the commit is decided; it is only ever rolled forward

Commits that are made together take each step as one: their rows are prepared in one transaction, each store goes from the sequence before
the first of them to that of the last, and no store is ever in between.
"""

from enum import StrEnum

from chartly.storage.errors import Corrupt
from chartly.storage.model import Value


class Step(StrEnum):
    """What remains to be done, in this order."""

    QUARANTINE = "quarantine"
    TABLE = "table"
    INDEX = "index"
    ROW = "row"


class Progress(Value, frozen=True, kw_only=True):
    """The last sequence of the dataset that each store holds; 0 for none."""

    quarantine: int
    table: int
    index: int
    """The dedupe index' watermark; 0 also for a dataset that has none."""
    row: int
    """Of the last committed row."""


def remaining(sequence: int, progress: Progress, *, quarantines: bool, indexed: bool, first: int = 0) -> tuple[Step, ...]:
    """Tell the steps that the commits from ``first`` to ``sequence`` still need, which are made together.

    Args:
        sequence: the last prepared commit's.
        progress: what the stores hold.
        quarantines: whether one of the commits has rows for the quarantine table.
        indexed: whether the dataset has a dedupe index.
        first: the first prepared commit's; 0 when there is one alone.

    Raises:
        Corrupt: a store is ahead of the metadata database, or misses a commit that was acknowledged.
    """
    before = (first or sequence) - 1
    if progress.row != before:
        raise Corrupt("metadata", f"commit {before + 1} is prepared, but the last committed one is {progress.row}")
    if progress.table not in (before, sequence):
        raise Corrupt("table", f"holds commit {progress.table}, but the metadata database is at {before}")
    if progress.quarantine > sequence or before < progress.quarantine < sequence:
        raise Corrupt("quarantine", f"holds commit {progress.quarantine}, but the metadata database is at {before}")
    steps: list[Step] = []
    if quarantines and progress.quarantine < sequence:
        steps.append(Step.QUARANTINE)
    if progress.table < sequence:
        steps.append(Step.TABLE)
    if indexed and progress.index < sequence:
        steps.append(Step.INDEX)
    return (*steps, Step.ROW)
