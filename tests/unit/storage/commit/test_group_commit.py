# pyright: reportPrivateUsage=false
"""Group commit: how many chunks, and how many bytes, join one group."""

from collections import OrderedDict
from pathlib import Path
from typing import Any, cast

import pytest

from chartly.platform.config import Limits
from chartly.storage.commit.chunk import StagedFiles, Write
from chartly.storage.commit.group_commit import GroupCommit, _Waiting
from chartly.storage.model import DatasetKey, FrozenRef, Origin, Submission, WriteMode
from chartly.storage.policy import StoragePolicy

KEY = DatasetKey("t", "p", "d")


def write(work_key: str) -> Write:
    """Return the write of a chunk."""
    return Write(
        key=KEY,
        submission=Submission(work_key=work_key, submission_id=work_key),
        mode=WriteMode.APPEND,
        storage=FrozenRef(),
        policy=StoragePolicy(),
        staged=StagedFiles(Path(), "", ""),
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
    group_commit = GroupCommit(cast("Any", None), cast("Any", None), limits)
    waiting = [_Waiting(write(f"chunk-{index}"), size) for index, size in enumerate(sizes)]
    group_commit._queues[KEY] = OrderedDict()
    group_commit._queues[KEY].update((id(each), each) for each in waiting)
    assert group_commit._next_group(waiting[0]) == waiting[:joined]
    assert group_commit.waiting == len(sizes) - joined
