# pyright: reportPrivateUsage=false
"""Group commit: how many chunks, and how many bytes, join one group, and what becomes of a write that is refused or left."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from chartly.platform.blocking import Blocking, BlockingQueueFull
from chartly.platform.config import Limits
from chartly.storage.commit.chunk import StagedFiles, Write
from chartly.storage.commit.dataset_lock import DatasetLocks
from chartly.storage.commit.group_commit import GroupCommit, _Waiting
from chartly.storage.errors import ModeConflict
from chartly.storage.model import DatasetKey, FrozenRef, Origin, Submission, WriteMode
from chartly.storage.policy import StoragePolicy

KEY = DatasetKey("t", "p", "d")


class RecordingCommitter:
    """Records the work keys of each group. Stops in a group while ``gate`` is closed, and returns ``outcome`` for each write."""

    def __init__(self, outcome: object = "receipt") -> None:
        self.groups: list[list[str]] = []
        self.entered = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self._outcome = outcome

    def commit_together(self, writes: Sequence[Write]) -> list[Any]:
        """Commit nothing."""
        self.entered.set()
        self.groups.append([each.submission.work_key for each in writes])
        self.gate.wait(30)
        return [self._outcome for _ in writes]


class RefusingAfterFirst(Blocking):
    """A pool that is full after its first call."""

    calls = 0

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run the first call, refuse the others."""
        self.calls += 1
        if self.calls > 1:
            raise BlockingQueueFull(0)
        return await super().run(function, *args, **kwargs)


def write(work_key: str, folder: Path | None = None) -> Write:
    """Return the write of a chunk."""
    return Write(
        key=KEY,
        submission=Submission(work_key=work_key, submission_id=work_key),
        mode=WriteMode.APPEND,
        storage=FrozenRef(),
        policy=StoragePolicy(),
        staged=StagedFiles(folder or Path("/nonexistent"), "", ""),
        origin=Origin(),
    )


@pytest.mark.parametrize(
    ("limits", "sizes", "joined"),
    [
        (Limits(commit_group_chunks_max=2), [1, 1, 1], 2),
        (Limits(commit_group_chunks_max=3), [1, 1, 1], 3),
        (Limits(commit_group_bytes_max=20), [10, 10, 1], 2),
        (Limits(commit_group_bytes_max=21), [10, 10, 1], 3),
    ],
)
def test_group_ends_at_its_bound(limits: Limits, sizes: list[int], joined: int) -> None:
    """Chunks join a group up to its bound of chunks and of bytes; the next chunk begins another group."""
    # Choosing a group uses neither the committer nor the locks.
    group_commit = GroupCommit(cast("Any", None), cast("Any", None), limits, lambda _: None)
    waiting = [_Waiting(write(f"chunk-{index}"), size) for index, size in enumerate(sizes)]
    group_commit._queues[KEY] = OrderedDict()
    group_commit._queues[KEY].update((id(each), each) for each in waiting)
    assert group_commit._next_group(waiting[0]) == waiting[:joined]
    assert group_commit.waiting == len(sizes) - joined


async def test_refused_write_joins_no_later_group(tmp_path: Path) -> None:
    """A write that a full thread pool refuses leaves the queue, and its staging folder is discarded."""
    blocking, committer, discarded = Blocking(1, 0), RecordingCommitter(), list[Path]()
    group_commit = GroupCommit(cast("Any", committer), DatasetLocks(blocking), Limits(), discarded.append)
    hold = threading.Event()
    busy = asyncio.create_task(blocking.run(hold.wait, 30))
    await asyncio.sleep(0)
    with pytest.raises(BlockingQueueFull):
        await group_commit.commit(write("refused", tmp_path / "refused"), 1)
    assert group_commit.waiting == 0
    assert discarded == [tmp_path / "refused"]
    hold.set()
    await busy
    await group_commit.commit(write("next"), 1)
    assert committer.groups == [["next"]]
    blocking.close()


async def test_write_that_was_refused_after_its_group_has_its_receipt() -> None:
    """A write that joined an earlier group has its receipt, also if the thread pool refuses the write's own call."""
    committer, discarded = RecordingCommitter(), list[Path]()
    blocking = RefusingAfterFirst(1, 0)
    group_commit = GroupCommit(cast("Any", committer), DatasetLocks(blocking), Limits(), discarded.append)
    receipts = await asyncio.gather(group_commit.commit(write("a"), 1), group_commit.commit(write("b"), 1))
    assert receipts == ["receipt", "receipt"]
    assert committer.groups == [["a", "b"]]
    assert discarded == []
    blocking.close()


async def test_folder_of_a_write_that_fails_without_its_caller_is_removed(tmp_path: Path) -> None:
    """The staging folder of a commit that fails after its caller left is removed."""
    blocking, committer = Blocking(1, 8), RecordingCommitter(ModeConflict("d"))
    committer.gate.clear()
    locks = DatasetLocks(blocking)
    group_commit = GroupCommit(cast("Any", committer), locks, Limits(), lambda _: None)
    folder = tmp_path / "ticket"
    folder.mkdir()
    task = asyncio.create_task(group_commit.commit(write("a", folder), 1))
    assert await asyncio.to_thread(committer.entered.wait, 30)
    task.cancel()
    await asyncio.wait([task])
    assert folder.exists()
    committer.gate.set()
    await locks.drain()
    assert not folder.exists()
    blocking.close()
