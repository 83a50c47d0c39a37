# pyright: reportPrivateUsage=false
"""Folders of tickets: one that can't be made holds no ticket, and none stays after its use."""

import asyncio
import errno
import os
import threading
from pathlib import Path
from typing import Any, cast

import pytest
from tests.integration.storage.conftest import as_service

from chartly.platform.blocking import Blocking, BlockingQueueFull
from chartly.platform.clock import SystemClock
from chartly.storage.commit.handlers import CommitHandlers
from chartly.storage.commit.staging import Staging
from chartly.storage.commit.tickets import Ticket, Tickets
from chartly.storage.commit.write_folders import WriteFolders
from chartly.storage.errors import DiskFull, StagedFileInvalid
from chartly.storage.model import DatasetKey, FrozenRef, Submission, WriteMode
from chartly.v1 import commit_pb2

KEY = DatasetKey("tenant-demo", "proj-sales", "d")
TICKETS_MAX = 2


class Setup:
    """Folders with a thread pool of their own."""

    def __init__(self, root: Path, threads: int = 2, waiting_max: int = 8) -> None:
        self.root = root
        self.staging = Staging(root, 1 << 20)
        self.blocking = Blocking(threads, waiting_max)
        self.tickets = Tickets(TICKETS_MAX, SystemClock().monotonic_s)
        self.folders = WriteFolders(self.tickets, self.staging, cast("Any", None), self.blocking, SystemClock(), 900)

    async def open(self) -> Ticket:
        """Open a folder, and use its ticket up."""
        opened = await self.folders.open_write(KEY, Submission(work_key="k", submission_id="k"), FrozenRef(), WriteMode.APPEND)
        return self.folders.take(opened.ticket, (KEY.tenant, KEY.project))

    def names(self) -> list[str]:
        """Return the folders that exist."""
        return [path.name for path in self.root.iterdir()] if self.root.exists() else []


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    """Return folders under a temporary root."""
    return Setup(tmp_path / "staging")


async def test_full_disk_uses_up_no_ticket(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls whose folder can't be made on a full disk leave no ticket open, so later calls get one."""

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "mkdir", fail)
        for _ in range(TICKETS_MAX + 1):
            with pytest.raises(DiskFull):
                await setup.open()
    assert len(setup.tickets) == 0
    assert (await setup.open()).ticket in setup.names()


async def test_folder_of_a_cancelled_opening_is_removed(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is cancelled while its folder is made leaves neither a ticket nor, after the next expiry, the folder."""
    started, go_on, made, make = threading.Event(), threading.Event(), threading.Event(), setup.staging.make

    def slow(ticket: str) -> Path:
        started.set()
        go_on.wait(30)
        folder = make(ticket)
        made.set()
        return folder

    monkeypatch.setattr(setup.staging, "make", slow)
    task = asyncio.create_task(setup.open())
    assert await asyncio.to_thread(started.wait, 30)
    task.cancel()
    await asyncio.wait([task])
    assert len(setup.tickets) == 0
    go_on.set()
    assert await asyncio.to_thread(made.wait, 30)
    async with asyncio.timeout(10):
        while setup.names():
            await setup.folders.expire()
            await asyncio.sleep(0.01)


async def test_folder_is_removed_once_a_thread_is_free(tmp_path: Path) -> None:
    """A failure while the thread pool is full raises its own error, and the folder is removed by a later expiry."""
    setup = Setup(tmp_path / "staging", threads=1, waiting_max=0)
    ticket = await setup.open()
    hold = threading.Event()
    busy = asyncio.create_task(setup.blocking.run(hold.wait, 30))
    await asyncio.sleep(0)
    with pytest.raises(BlockingQueueFull):
        async with setup.folders.removed_on_failure(ticket):
            await setup.folders.check(ticket, "accepted.parquet")
    assert setup.names() == [ticket.ticket]
    hold.set()
    await busy
    await setup.folders.expire()
    assert setup.names() == []


async def test_temporary_folder_is_removed_once_a_thread_is_free(tmp_path: Path) -> None:
    """A temporary folder that can't be removed at the end of its use hides no result, and is removed by a later expiry."""
    setup = Setup(tmp_path / "staging", threads=1, waiting_max=0)
    hold = threading.Event()
    async with setup.folders.temporary() as folder:
        busy = asyncio.create_task(setup.blocking.run(hold.wait, 30))
        await asyncio.sleep(0)
    assert setup.names() == [folder.name]
    hold.set()
    await busy
    await setup.folders.expire()
    assert setup.names() == []


async def test_folder_stays_while_a_function_uses_it(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of a cancelled caller is removed when the function that reads it has ended, and not before."""
    ticket = await setup.open()
    started, go_on, removed, seen = threading.Event(), threading.Event(), threading.Event(), list[bool]()
    drop = setup.staging.drop

    def read() -> None:
        started.set()
        go_on.wait(30)
        seen.append(setup.folders.path(ticket).is_dir())

    def dropped(name: str) -> None:
        drop(name)
        removed.set()

    monkeypatch.setattr(setup.staging, "drop", dropped)

    task = asyncio.create_task(setup.folders.run(ticket, read))
    assert await asyncio.to_thread(started.wait, 30)
    task.cancel()
    await asyncio.wait([task])
    go_on.set()
    assert await asyncio.to_thread(removed.wait, 30)
    assert seen == [True]
    assert setup.names() == []


@pytest.mark.parametrize("cancelled", [False, True])
async def test_commit_that_is_never_queued_leaves_no_folder(setup: Setup, cancelled: bool) -> None:  # noqa: FBT001 - a parameter
    """CommitWrite removes the folder at once when a file is missing, and when it is cancelled before the commit is queued."""
    waiting = asyncio.Event()

    class NoPolicies:
        async def get(self, *_: object) -> None:
            waiting.set()
            await asyncio.sleep(30)

    nothing = cast("Any", None)
    handlers = CommitHandlers(nothing, nothing, setup.folders, cast("Any", NoPolicies()), nothing, nothing, nothing)
    opened = await setup.folders.open_write(KEY, Submission(work_key="k", submission_id="k"), FrozenRef(), WriteMode.APPEND)
    with as_service():
        request = commit_pb2.CommitWriteRequest(ticket=opened.ticket, accepted_file="" if cancelled else "missing.parquet")
        task = asyncio.create_task(handlers.CommitWrite(request, nothing))
    if cancelled:
        await waiting.wait()
        task.cancel()
    with pytest.raises(asyncio.CancelledError if cancelled else StagedFileInvalid):
        await task
    assert setup.names() == []
