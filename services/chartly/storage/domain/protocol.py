"""The commit protocol's decision: which steps a prepared commit still needs, told from what each store holds. Pure.

Every step is atomic and leaves its sequence in the store that it changed, so whoever comes after a crash at any point sees how far it
came, and the remaining steps lead to the same dataset::

    files durable → row prepared → quarantine table → table → dedupe index → row committed
                    └ from here on the commit is decided; it is only ever rolled forward
"""

from enum import StrEnum

from chartly.storage.errors import Corrupt

from .model import Value


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


def remaining(sequence: int, progress: Progress, *, quarantines: bool, indexed: bool) -> tuple[Step, ...]:
    """Tell the steps that commit ``sequence`` still needs.

    Args:
        sequence: the prepared commit's.
        progress: what the stores hold.
        quarantines: whether the commit has rows for the quarantine table.
        indexed: whether the dataset has a dedupe index.

    Raises:
        Corrupt: a store is ahead of the metadata database, or misses a commit that was acknowledged.
    """
    if progress.row != sequence - 1:
        raise Corrupt("metadata", f"commit {sequence} is prepared, but the last committed one is {progress.row}")
    if progress.table not in (sequence - 1, sequence):
        raise Corrupt("table", f"holds commit {progress.table}, but the metadata database is at {sequence - 1}")
    if progress.quarantine > sequence:
        raise Corrupt("quarantine", f"holds commit {progress.quarantine}, but the metadata database is at {sequence - 1}")
    steps: list[Step] = []
    if quarantines and progress.quarantine < sequence:
        steps.append(Step.QUARANTINE)
    if progress.table < sequence:
        steps.append(Step.TABLE)
    if indexed and progress.index < sequence:
        steps.append(Step.INDEX)
    return (*steps, Step.ROW)
