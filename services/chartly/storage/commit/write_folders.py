"""The folders that callers write chunk files to, each under a ticket. One event loop only; disk work runs on threads.

A ticket and its folder live in memory and staging only: after a restart callers begin again. It reads no file's content.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar

from chartly.platform.blocking import Blocking, BlockingQueueFull
from chartly.platform.clock import Clock
from chartly.storage.model import DatasetKey, FrozenRef, Submission, WriteMode
from chartly.storage.names import RAW_FILE
from chartly.storage.raw.repository import BlobRepository

from .staging import Staging
from .tickets import Ticket, TicketPurpose, Tickets

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class OpenFolder:
    """A new folder and its ticket, as the caller gets to know them."""

    ticket: str
    uri: str
    expires_at: datetime
    raw_file: str = ""
    """Name of the linked raw bytes in the folder; empty if they could not be linked."""


class WriteFolders:
    """Opens, checks and removes the folders."""

    def __init__(self, tickets: Tickets, staging: Staging, blobs: BlobRepository, blocking: Blocking, clock: Clock, ticket_s: int) -> None:
        self._tickets = tickets
        self._staging = staging
        self._blobs = blobs
        self._blocking = blocking
        self._clock = clock
        self._ticket_s = ticket_s
        self._discarded: list[str] = []

    async def open_write(
        self, key: DatasetKey, submission: Submission, storage: FrozenRef, mode: WriteMode, raw_sha256: str = ""
    ) -> OpenFolder:
        """Open a folder for a commit, with the raw bytes linked into it if they are on the same disk.

        Raises:
            TicketsExhausted: too many tickets are open.
            DiskFull, StoreUnavailable, BlockingQueueFull: the folder can't be made; no ticket is open.
        """
        return await self._open(key, submission, storage, mode, raw_sha256=raw_sha256)

    async def open_for(self, key: DatasetKey, purpose: TicketPurpose) -> OpenFolder:
        """Open a folder for files that are not committed as a chunk.

        Raises:
            TicketsExhausted: too many tickets are open.
            DiskFull, StoreUnavailable, BlockingQueueFull: the folder can't be made; no ticket is open.
        """
        return await self._open(key, Submission(work_key="", submission_id=""), FrozenRef(), WriteMode.APPEND, purpose)

    def take(self, ticket: str, project: tuple[str, str], kind: str = "") -> Ticket:
        """Use a ticket up. The caller removes its folder.

        Raises:
            TicketUnknown: there is no such ticket, or it belongs to another project or to another purpose.
        """
        return self._tickets.take(ticket, project, kind)

    def path(self, ticket: Ticket) -> Path:
        """Return a ticket's folder."""
        return self._staging.folder(ticket.ticket)

    async def check(self, ticket: Ticket, *files: str) -> int:
        """Check the files that a caller wrote, and return their size in bytes; an empty name is no file.

        Raises:
            StagedFileInvalid: a file is missing, or its name is not allowed.
            StagedFileTooLarge: a file is above its bound.
        """
        return sum([await self._blocking.run(self._staging.check, ticket.ticket, file) for file in files if file])

    async def run(self, ticket: Ticket, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking function on a thread, and remove the ticket's folder after it.

        If the caller is cancelled, the function still runs to its end, and the folder is removed only then.
        """

        def run_and_remove() -> T:
            try:
                return function(*args, **kwargs)
            finally:
                self._staging.drop(ticket.ticket)

        task = asyncio.ensure_future(self._blocking.run(run_and_remove))
        try:
            return await asyncio.shield(task)
        except BlockingQueueFull:
            self.discard(self.path(ticket))
            raise
        finally:
            task.add_done_callback(_retrieve_error)

    @asynccontextmanager
    async def removed_on_failure(self, ticket: Ticket) -> AsyncGenerator[None]:
        """Remove a ticket's folder if the block fails or is cancelled."""
        try:
            yield
        except BaseException:
            self.discard(self.path(ticket))
            await self._remove_discarded()
            raise

    def discard(self, folder: Path) -> None:
        """Have a folder removed by the next ``expire``."""
        self._discarded.append(folder.name)

    async def expire(self) -> None:
        """Remove tickets past their time with their folders, and discarded folders."""
        self._discarded += [late.ticket for late in self._tickets.expire()]
        await self._remove_discarded()

    @asynccontextmanager
    async def temporary(self) -> AsyncGenerator[Path]:
        """Make a folder without a ticket; it is removed at the end."""
        name = secrets.token_hex(16)
        folder = await self._make(name, self._staging.make, name)
        try:
            yield folder
        finally:
            self.discard(folder)
            await self._remove_discarded()

    async def _open(
        self,
        key: DatasetKey,
        submission: Submission,
        storage: FrozenRef,
        mode: WriteMode,
        purpose: TicketPurpose | None = None,
        *,
        raw_sha256: str = "",
    ) -> OpenFolder:
        await self.expire()
        ticket = Ticket(
            ticket=secrets.token_hex(16),
            key=key,
            submission=submission,
            storage=storage,
            mode=mode,
            expires_s=self._clock.monotonic_s() + self._ticket_s,
            purpose=purpose,
        )
        self._tickets.open(ticket)
        try:
            folder, raw_file = await self._make(ticket.ticket, self._make_and_link, ticket, raw_sha256)
        except BaseException:
            self._tickets.close(ticket.ticket)
            raise
        expires_at = self._clock.now() + timedelta(seconds=self._ticket_s)
        return OpenFolder(ticket=ticket.ticket, uri=folder.as_uri(), expires_at=expires_at, raw_file=raw_file)

    async def _make(self, name: str, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a folder on a thread. If that fails, or the caller is cancelled, the folder is discarded once the thread has ended."""
        task = asyncio.ensure_future(self._blocking.run(make, *args, **kwargs))
        try:
            return await asyncio.shield(task)
        except BaseException:
            task.add_done_callback(lambda done: self._unwanted(name, done))
            raise

    def _unwanted(self, name: str, done: "asyncio.Task[T]") -> None:
        _retrieve_error(done)
        self._discarded.append(name)

    async def _remove_discarded(self) -> None:
        """Remove the discarded folders. If too many blocking calls wait, the next call removes them."""
        names, self._discarded = self._discarded, []
        if not names:
            return
        try:
            await self._blocking.run(self._remove_all, names)
        except BlockingQueueFull:
            self._discarded += names
        except asyncio.CancelledError:
            # The call may have been cancelled before it got a thread.
            self._discarded += names
            raise

    def _remove_all(self, names: list[str]) -> None:
        for name in names:
            self._staging.drop(name)

    def _make_and_link(self, ticket: Ticket, raw_sha256: str) -> tuple[Path, str]:
        folder = self._staging.make(ticket.ticket)
        project = (ticket.key.tenant, ticket.key.project)
        linked = bool(raw_sha256) and self._blobs.link(project, raw_sha256, folder / RAW_FILE)
        return folder, RAW_FILE if linked else ""


def _retrieve_error(done: "asyncio.Task[T]") -> None:
    """Retrieve a task's error, so that asyncio does not report it if the caller was cancelled."""
    if not done.cancelled():
        done.exception()
