"""The folders that callers write chunk files to, each under a ticket. One event loop only; disk work runs on threads.

A ticket and its folder live in memory and staging only: after a restart callers begin again. It reads no file's content.
"""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from chartly.platform.blocking import Blocking, BlockingQueueFull
from chartly.platform.clock import Clock
from chartly.storage.model import DatasetKey, FrozenRef, Submission, WriteMode
from chartly.storage.names import RAW_FILE
from chartly.storage.raw.repository import BlobRepository

from .staging import Staging
from .tickets import Errand, Ticket, Tickets


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

    async def open_write(
        self, key: DatasetKey, submission: Submission, storage: FrozenRef, mode: WriteMode, raw_sha256: str = ""
    ) -> OpenFolder:
        """Open a folder for a commit, with the raw bytes linked into it if they are on the same disk.

        Raises:
            TicketsExhausted: too many tickets are open.
        """
        return await self._open(key, submission, storage, mode, raw_sha256=raw_sha256)

    async def open_errand(self, key: DatasetKey, errand: Errand) -> OpenFolder:
        """Open a folder for files that no commit of their own follows from.

        Raises:
            TicketsExhausted: too many tickets are open.
        """
        return await self._open(key, Submission(work_key="", submission_id=""), FrozenRef(), WriteMode.APPEND, errand)

    def take(self, ticket: str, project: tuple[str, str], kind: str = "") -> Ticket:
        """Use a ticket up. The caller removes its folder.

        Raises:
            TicketUnknown: there is no such ticket, or it belongs to another project or another kind of errand.
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

    async def remove(self, ticket: Ticket) -> None:
        """Remove a ticket's folder."""
        await self._blocking.run(self._staging.drop, ticket.ticket)

    async def expire(self) -> None:
        """Remove tickets past their time, with their folders."""
        late = self._tickets.expire()
        if late:
            # With too much work waiting the folders stay; the next start sweeps them.
            with suppress(BlockingQueueFull):
                await self._blocking.run(self._remove_all, late)

    @asynccontextmanager
    async def temporary(self) -> AsyncGenerator[Path]:
        """Make a folder without a ticket; it is removed at the end."""
        folder = await self._blocking.run(self._staging.make, secrets.token_hex(16))
        try:
            yield folder
        finally:
            await self._blocking.run(self._staging.drop, folder.name)

    async def _open(
        self,
        key: DatasetKey,
        submission: Submission,
        storage: FrozenRef,
        mode: WriteMode,
        errand: Errand | None = None,
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
            errand=errand,
        )
        self._tickets.open(ticket)
        folder, raw_file = await self._blocking.run(self._make, ticket, raw_sha256)
        expires_at = self._clock.now() + timedelta(seconds=self._ticket_s)
        return OpenFolder(ticket=ticket.ticket, uri=folder.as_uri(), expires_at=expires_at, raw_file=raw_file)

    def _remove_all(self, tickets: list[Ticket]) -> None:
        for ticket in tickets:
            self._staging.drop(ticket.ticket)

    def _make(self, ticket: Ticket, raw_sha256: str) -> tuple[Path, str]:
        folder = self._staging.make(ticket.ticket)
        project = (ticket.key.tenant, ticket.key.project)
        linked = bool(raw_sha256) and self._blobs.link(project, raw_sha256, folder / RAW_FILE)
        return folder, RAW_FILE if linked else ""
