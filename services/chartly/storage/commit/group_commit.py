"""Commits chunks that wait for the same dataset as a group. Each chunk has its own version, row and receipt.

A commit costs about ten disk syncs, whatever its size. Chunks of a group share them. No chunk waits for others to arrive: a chunk that
finds its dataset free is committed alone, and the chunks that arrive meanwhile are the next group.
"""

import asyncio
import shutil
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from chartly.platform.config import Limits
from chartly.storage.model import DatasetKey, Receipt, WriteMode

from .chunk import Write
from .committer import Committer
from .dataset_lock import DatasetLocks


class _Waiting:
    """A queued write, and its outcome."""

    def __init__(self, write: Write, size_bytes: int) -> None:
        self.write = write
        self.size_bytes = size_bytes
        self.outcome: Receipt | Exception | None = None


class GroupCommit:
    """The queued writes, by dataset. ``commit`` is called from one event loop; groups are committed on threads."""

    def __init__(self, committer: Committer, locks: DatasetLocks, limits: Limits, discard_folder: Callable[[Path], None]) -> None:
        """Wire it. ``discard_folder`` schedules the removal of a staging folder; it is called on the event loop, and doesn't block."""
        self._committer = committer
        self._locks = locks
        self._discard_folder = discard_folder
        self._chunks_max = limits.commit_group_chunks_max
        self._bytes_max = limits.commit_group_bytes_max
        self._queues: dict[DatasetKey, OrderedDict[int, _Waiting]] = {}  # guarded by _lock
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """Return the number of queued writes of all datasets."""
        with self._lock:
            return sum(map(len, self._queues.values()))

    async def commit(self, write: Write, size_bytes: int) -> Receipt:
        """Commit a chunk under its dataset's lock, together with others that wait. ``size_bytes`` is the size of its staged files.

        If the caller is cancelled, the commit goes on. The staging folder is removed in every case.

        Raises:
            BlockingQueueFull: too many blocking calls wait in this process; the chunk is not committed, and waits no longer.
            The errors of ``Committer.commit``.
        """
        waiting = _Waiting(write, size_bytes)
        with self._lock:
            self._queues.setdefault(write.key, OrderedDict())[id(waiting)] = waiting
        task = self._locks.start(write.key, self._commit_group, waiting)
        # Called when the task has ended, also if this caller was cancelled meanwhile.
        task.add_done_callback(lambda _: self._withdraw(waiting))
        await asyncio.wait([task])
        if waiting.outcome is None:
            task.result()
            raise RuntimeError("a group was committed without an outcome for each write")
        if isinstance(waiting.outcome, Exception):
            raise waiting.outcome
        return waiting.outcome

    def _withdraw(self, waiting: _Waiting) -> None:
        """Remove a write that was refused before a group included it, so that no later group commits it."""
        if waiting.outcome is not None:
            return
        key = waiting.write.key
        with self._lock:
            queue = self._queues.get(key)
            if queue is not None:
                queue.pop(id(waiting), None)
                if not queue:
                    del self._queues[key]
        self._discard_folder(waiting.write.staged.folder)

    def _commit_group(self, first: _Waiting) -> None:
        """Commit a write and those that may join it, on a thread. Does nothing if the write joined an earlier group."""
        if first.outcome is not None:
            return
        group = self._next_group(first)
        outcomes = self._committer.commit_together([each.write for each in group])
        for each, outcome in zip(group, outcomes, strict=True):
            each.outcome = outcome
            if isinstance(outcome, Exception):
                shutil.rmtree(each.write.staged.folder, ignore_errors=True)

    def _next_group(self, first: _Waiting) -> list[_Waiting]:
        """Remove the first write from the queue, and those that may join it, in the order of their arrival."""
        key = first.write.key
        with self._lock:
            queue = self._queues[key]
            del queue[id(first)]
            group, size_bytes = [first], first.size_bytes
            for other in list(queue.values()):
                if len(group) >= self._chunks_max or size_bytes + other.size_bytes > self._bytes_max:
                    break
                if _may_join(other.write, [each.write for each in group]):
                    del queue[id(other)]
                    group.append(other)
                    size_bytes += other.size_bytes
            if not queue:
                del self._queues[key]
        return group


def _may_join(write: Write, group: list[Write]) -> bool:
    """Return whether a chunk may join a group: each chunk is appended under the same profiles, and is in the group once."""
    first = group[0]
    if first.mode is not WriteMode.APPEND or write.mode is not WriteMode.APPEND:
        return False
    # A replacing record needs the replaced one in the table.
    if "last" in (first.origin.dedupe_policy, write.origin.dedupe_policy):
        return False
    same = (write.storage, write.policy, write.origin.normalizer) == (first.storage, first.policy, first.origin.normalizer)
    return same and all(write.submission.work_key != each.submission.work_key for each in group)
