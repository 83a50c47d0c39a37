"""Builds storage from what its process gives it, finishes at start what a former process left unfinished, and holds the data directory."""

import fcntl
from typing import IO

import grpc.aio

from chartly.platform.errors import ChartlyError
from chartly.platform.service import Service, ServiceContext
from chartly.storage.commit.committer import Committer
from chartly.storage.commit.dataset_lock import Lanes
from chartly.storage.commit.group_commit import Together
from chartly.storage.maintenance.actions import Care
from chartly.storage.reprocess.jobs import Rebuilds
from chartly.storage.reprocess.rollback import Restorer

from .commit.policies import Policies
from .commit.staging import Staging
from .commit.tickets import Tickets
from .errors import StoreTaken
from .handler_base import Rooms
from .handlers import register
from .ledger import LedgerOutbox
from .maintenance.scheduler import Upkeep
from .metrics import StorageMetrics
from .quarantine.commit_hooks import CommitHooks
from .quarantine.payloads import Payloads
from .quarantine.reader import Quarantined
from .quarantine.seal import Seal
from .raw.blobs import open_blobs
from .reading.reader import Reader


class Storage:
    """The service and its stores."""

    name = "storage"

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        config, limits = context.config, context.config.limits
        blobs = open_blobs(config)
        payloads = Payloads(blobs, context.metadata, Seal(config))
        self._committer = Committer(config, context.metadata, context.clock, CommitHooks(payloads, context.metadata), context.logger)
        self._lanes = Lanes(context.blocking)
        self.together = Together(self._committer, self._lanes, limits)
        self._staging = Staging(config.data_path / "staging", limits.staged_file_bytes_max)
        tickets = Tickets(limits.write_tickets_max, context.clock.monotonic_s)
        reader = Reader(context.metadata, self._committer.stores.root)
        quarantined = Quarantined(context.metadata, self._committer.stores.root)
        care = Care(self._committer, reader, quarantined, context.metadata, context.clock, limits, context.logger)
        self._ledger = LedgerOutbox(context.metadata, context.clients, context.logger)
        self._upkeep = Upkeep(self._committer, care, self._lanes, tickets, self._staging, self._ledger, limits, context.logger)
        self._rooms = Rooms(
            blobs=blobs,
            committer=self._committer,
            care=care,
            rebuilds=Rebuilds(config.data_path / "reprocess", self._committer, context.metadata, context.clock, limits),
            restorer=Restorer(self._committer, context.metadata, context.clock, limits, config.data_path / "staging"),
            ledger=self._ledger,
            lanes=self._lanes,
            together=self.together,
            tickets=tickets,
            staging=self._staging,
            reader=reader,
            quarantined=quarantined,
            payloads=payloads,
            policies=Policies(context.clients, context.metadata, context.blocking),
            upkeep=self._upkeep,
            metadata=context.metadata,
            blocking=context.blocking,
            clients=context.clients,
            clock=context.clock,
            limits=limits,
            logger=context.logger,
            metrics=StorageMetrics(context.metrics),
        )
        self._held: IO[str] | None = None

    def register(self, server: grpc.aio.Server) -> None:
        """Add the handlers to the process's server."""
        register(self._rooms, server)

    async def start(self) -> None:
        """Take the data directory, sweep staging, finish what was decided.

        Raises:
            StoreTaken: another process has the data directory.
        """
        self._held = self._take()
        await self._context.blocking.run(self._staging.sweep)
        for key in await self._context.blocking.run(self._committer.unfinished):
            try:
                await self._lanes.run(key, self._committer.recover, key)
            except ChartlyError as refused:
                # One dataset's damage must not keep the others away; its next commit is refused with the same reason.
                self._context.logger.error("unfinished commit not recovered", dataset=key.dataset, exception=refused)  # noqa: TRY400 - ours, not logging's
        self._upkeep.start()
        self._ledger.start()

    async def stop(self) -> None:
        """End compaction and commits under way, close the stores, let go of the data directory."""
        await self._ledger.stop()
        await self._upkeep.stop()
        await self._context.blocking.run(self._committer.close)
        if self._held is not None:
            self._held.close()

    def _take(self) -> IO[str]:
        path = self._context.config.data_path / "storage.lock"
        held = path.open("w")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            raise StoreTaken(str(path)) from None
        return held


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return Storage(context)
