"""Decides which steps a prepared commit still needs, from what each store holds. Pure.

Every step is atomic, and leaves the commit's sequence in the store that it changes. After a crash at any point the stores show which steps
were done, and the remaining ones lead to the same dataset::

    files durable → row prepared → quarantine table → table → dedupe index → row committed
                    └ from here on the commit is decided; it is only ever rolled forward

Commits of a group share each step: their rows are prepared in one transaction, and each store moves from the sequence before the first of
them to that of the last. No store ever holds a sequence in between.
"""

from enum import StrEnum

from chartly.storage.errors import Corrupt
from chartly.storage.model import Value


class Step(StrEnum):
    """The steps after preparing, in their order."""

    QUARANTINE = "quarantine"
    TABLE = "table"
    INDEX = "index"
    ROW = "row"


class Progress(Value, frozen=True, kw_only=True):
    """The last sequence of the dataset that each store holds; 0 for none."""

    quarantine: int
    table: int
    index: int
    """The watermark of the dedupe index; 0 for a dataset without an index."""
    row: int
    """The sequence of the last committed row."""


def remaining(sequence: int, progress: Progress, *, quarantines: bool, indexed: bool, first: int = 0) -> tuple[Step, ...]:
    """Return the steps that the group of commits from ``first`` to ``sequence`` still needs.

    Args:
        sequence: sequence of the last prepared commit.
        progress: what the stores hold.
        quarantines: whether one of the commits has rows for the quarantine table.
        indexed: whether the dataset has a dedupe index.
        first: sequence of the first prepared commit; 0 if there is only one.

    Raises:
        Corrupt: a store is ahead of the metadata database, or lacks an acknowledged commit.
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
