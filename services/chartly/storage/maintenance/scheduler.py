"""Background work of storage: compaction, retention, expiry of tickets and reprocess jobs. It never delays the answer of a commit."""

import asyncio
from collections.abc import Awaitable, Callable

from chartly.platform.background import Background
from chartly.platform.config import Limits
from chartly.platform.outbox import OutboxDelivery
from chartly.platform.telemetry.log import Logger
from chartly.storage.commit.committer import Committer
from chartly.storage.commit.dataset_lock import DatasetLocks
from chartly.storage.commit.write_folders import WriteFolders
from chartly.storage.maintenance.actions import DatasetMaintenance
from chartly.storage.metrics import StorageMetrics
from chartly.storage.model import DatasetKey

# Interval of the search for expired tickets. Their folders only cost disk space.
_TICKETS_S = 30.0
_PRINCIPAL = "service:storage"


class MaintenanceScheduler:
    """Runs compaction after commits, and retention periodically. Use it from one event loop."""

    def __init__(
        self,
        *,
        committer: Committer,
        maintenance: DatasetMaintenance,
        locks: DatasetLocks,
        folders: WriteFolders,
        delete_expired_reprocesses: Callable[[], Awaitable[None]],
        ledger: OutboxDelivery,
        limits: Limits,
        logger: Logger,
        metrics: StorageMetrics,
    ) -> None:
        self._committer = committer
        self._maintenance = maintenance
        self._locks = locks
        self._folders = folders
        self._delete_expired_reprocesses = delete_expired_reprocesses
        self._ledger = ledger
        self._limits = limits
        self._logger = logger
        self._metrics = metrics
        self._due: dict[DatasetKey, None] = {}
        self._wake = asyncio.Event()
        self._commits: dict[DatasetKey, int] = {}
        self._background = Background(logger)

    def committed(self, key: DatasetKey) -> None:
        """Record a commit. A table is compacted once it may have enough small files."""
        self._commits[key] = self._commits.get(key, self._limits.table_small_files_max // 2) + 1
        if self._commits[key] > self._limits.table_small_files_max // 2:
            self._commits[key] = 0
            self._due[key] = None
            self._wake.set()

    def start(self) -> None:
        """Start the loops."""
        self._background.start("compaction", self._compact)
        self._background.start("ticket-expiry", self._expire_tickets)
        self._background.start("retention", self._retain)
        self._background.start("reprocess-expiry", self._expire_reprocesses)

    async def stop(self) -> None:
        """Stop the loops, after running work has ended."""
        await self._background.stop()
        await self._locks.drain()

    async def _expire_tickets(self) -> None:
        await asyncio.sleep(_TICKETS_S)
        await self._folders.expire()

    async def _expire_reprocesses(self) -> None:
        await self._delete_expired_reprocesses()
        await asyncio.sleep(self._limits.retention_every_s)

    async def _compact(self) -> None:
        """Wait for due tables, and compact them."""
        await self._wake.wait()
        self._wake.clear()
        due, self._due = self._due, {}
        for key in due:
            try:
                merged = True
                # Waiting commits run before the next pass.
                while merged:
                    merged = await self._locks.run(key, self._maintenance.compact, key)
            except Exception as failure:  # noqa: BLE001 - the table is unchanged, later commits schedule it again, and the loop continues
                self._logger.error("compaction failed", dataset=key.dataset, exception=failure)  # noqa: TRY400 - ours, not logging's

    async def _retain(self) -> None:
        """Apply retention, then sleep. A pass that reached its bound is followed by another; other work of the dataset runs in between."""
        try:
            due = await self._locks.run_unlocked(self._maintenance.due)
        except Exception as failure:  # noqa: BLE001 - the database may be available at the next pass
            self._logger.error("retention failed", exception=failure)  # noqa: TRY400 - ours, not logging's
            due = []
        for key in due:
            await self._retain_one(key)
        await asyncio.sleep(self._limits.retention_every_s)

    async def _retain_one(self, key: DatasetKey) -> None:
        try:
            while True:
                done = await self._locks.run(key, self._maintenance.retain, key, _PRINCIPAL)
                self._ledger.notify()
                if done.expired is None:
                    return
                if not done.expired.more:
                    break
            # Removed files are deleted once no reader of an older version can need them.
            await self._locks.run(key, self._maintenance.vacuum, key)
        except Exception as failure:  # noqa: BLE001 - a fault of one dataset must not stop the retention of others
            self._metrics.retention_failed()
            self._logger.error("retention failed", dataset=key.dataset, exception=failure)  # noqa: TRY400 - ours, not logging's
