"""Chunks of a dataset that wait for its lane at the same time are committed together. Each keeps its own sequence, row and receipt.

A commit costs some ten syncs whatever its size; small chunks that come faster than that share them. Nobody waits for others to come: who
finds the lane free goes alone, and whoever comes meanwhile goes next, together.
"""

from collections import OrderedDict
from threading import Lock

from chartly.platform.config import Limits
from chartly.storage.model import DatasetKey, Receipt, WriteMode

from .chunk import Write
from .committer import Committer
from .dataset_lock import Lanes


class _Waiting:
    """A write in the queue, and what became of it."""

    def __init__(self, write: Write, size_bytes: int) -> None:
        self.write = write
        self.size_bytes = size_bytes
        self.outcome: Receipt | Exception | None = None


class Together:
    """The writes that wait, by dataset. ``commit`` is called from one event loop; turns run on the lanes' threads."""

    def __init__(self, committer: Committer, lanes: Lanes, limits: Limits) -> None:
        self._committer = committer
        self._lanes = lanes
        self._chunks_max = limits.commit_group_chunks_max
        self._bytes_max = limits.commit_group_bytes_max
        self._queues: dict[DatasetKey, OrderedDict[int, _Waiting]] = {}  # guarded by _lock
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many writes wait, of all datasets."""
        with self._lock:
            return sum(map(len, self._queues.values()))

    async def commit(self, write: Write, size_bytes: int) -> Receipt:
        """Commit a chunk in its dataset's lane, with others that wait there; ``size_bytes`` are its staged files'.

        Raises:
            as ``Committer.commit``.
        """
        waiting = _Waiting(write, size_bytes)
        with self._lock:
            self._queues.setdefault(write.key, OrderedDict())[id(waiting)] = waiting
        await self._lanes.run(write.key, self._turn, waiting)
        if isinstance(waiting.outcome, Exception):
            raise waiting.outcome
        if waiting.outcome is None:
            raise RuntimeError("a turn ended without an outcome")
        return waiting.outcome

    def _turn(self, first: _Waiting) -> None:
        """Commit a write and what may go with it, on the lane's thread; nothing when it went with an earlier one."""
        if first.outcome is not None:
            return
        group = self._gathered(first)
        outcomes = self._committer.commit_together([each.write for each in group])
        for each, outcome in zip(group, outcomes, strict=True):
            each.outcome = outcome

    def _gathered(self, first: _Waiting) -> list[_Waiting]:
        """Take the first write out of the queue, and those that may go with it, in the order in which they came."""
        key = first.write.key
        with self._lock:
            queue = self._queues[key]
            del queue[id(first)]
            group, size_bytes = [first], first.size_bytes
            for other in list(queue.values()):
                if len(group) >= self._chunks_max or size_bytes + other.size_bytes > self._bytes_max:
                    break
                if _may_go_with(other.write, [each.write for each in group]):
                    del queue[id(other)]
                    group.append(other)
                    size_bytes += other.size_bytes
            if not queue:
                del self._queues[key]
        return group


def _may_go_with(write: Write, group: list[Write]) -> bool:
    """Tell whether a chunk may be committed together with others: appended under the same frozen profiles, and none of them twice."""
    first = group[0]
    if first.mode is not WriteMode.APPEND or write.mode is not WriteMode.APPEND:
        return False
    # A record that replaces another needs the table with that one in it.
    if "last" in (first.origin.dedupe_policy, write.origin.dedupe_policy):
        return False
    same = (write.storage, write.policy, write.origin.normalizer) == (first.storage, first.policy, first.origin.normalizer)
    return same and all(write.submission.work_key != each.submission.work_key for each in group)
