"""Builds storage: its stores, its background work, and one servicer a room. At start it finishes the commits that were decided before."""

import grpc.aio

from chartly.platform import outbox
from chartly.platform.background import Background
from chartly.platform.outbox import OutboxDelivery, outbox_metrics
from chartly.platform.service import Service, ServiceContext
from chartly.platform.store_watch import StoreWatch
from chartly.v1.blob_pb2_grpc import add_BlobServiceServicer_to_server
from chartly.v1.commit_pb2_grpc import add_CommitServiceServicer_to_server
from chartly.v1.dataset_pb2_grpc import add_DatasetServiceServicer_to_server
from chartly.v1.maintenance_pb2_grpc import add_MaintenanceServiceServicer_to_server
from chartly.v1.quarantine_pb2_grpc import add_QuarantineServiceServicer_to_server
from chartly.v1.reprocess_pb2_grpc import add_ReprocessServiceServicer_to_server
from chartly.v1.verify_pb2_grpc import add_VerifyServiceServicer_to_server

from . import tables
from .commit.committer import Committer
from .commit.dataset_lock import DatasetLocks
from .commit.group_commit import GroupCommit
from .commit.handlers import CommitHandlers
from .commit.policies import Policies
from .commit.receipt_lookup import ReceiptLookup
from .commit.staging import Staging
from .commit.tickets import Tickets
from .commit.write_folders import WriteFolders
from .maintenance.actions import DatasetMaintenance
from .maintenance.handlers import MaintenanceHandlers
from .maintenance.scheduler import MaintenanceScheduler
from .metrics import StorageMetrics
from .model import DatasetKey
from .quarantine.actions import QuarantineActions
from .quarantine.commit_hooks import CommitHooks
from .quarantine.handlers import QuarantineHandlers
from .quarantine.payloads import Payloads
from .quarantine.reader import QuarantineReader
from .quarantine.records import QuarantineRecords
from .quarantine.retry import RecordRetry
from .quarantine.seal import Seal
from .raw.blobs import open_blobs
from .raw.handlers import BlobHandlers
from .raw.repository import BlobRepository
from .reading.handlers import DatasetHandlers
from .reading.reader import Reader
from .reprocess.expiry import ReprocessExpiry
from .reprocess.handlers import ReprocessHandlers
from .reprocess.jobs import ReprocessJobs
from .reprocess.rollback import Rollbacks
from .verify.comparison import CommitComparison
from .verify.handlers import VerifyHandlers


class StorageService:
    """The service: what its rooms share, and its life. ``register`` builds the servicers."""

    name = "storage"

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        config, limits, metadata = context.config, context.config.limits, context.metadata
        store = open_blobs(config)
        self._blobs_watch = StoreWatch("The object store", lambda: context.blocking.run(store.ping)) if config.storage.url else None
        self._watching = Background(context.logger)
        self._blobs = BlobRepository(store, metadata, context.clock)
        self._payloads = Payloads(store, metadata, Seal(config))
        self._outbox = OutboxDelivery(self.name, tables.outbox, metadata, context.clients, context.logger, outbox_metrics(context.metrics))
        hooks = CommitHooks(self._payloads, metadata)
        self._committer = Committer(config, metadata, context.clock, hooks, context.logger, self._outbox.notify)
        self._locks = DatasetLocks(context.blocking)
        self._staging = Staging(config.data_path / "staging", limits.staged_file_bytes_max)
        tickets = Tickets(limits.write_tickets_max, context.clock.monotonic_s)
        self._folders = WriteFolders(tickets, self._staging, self._blobs, context.blocking, context.clock, limits.write_ticket_s)
        self.group_commit = GroupCommit(self._committer, self._locks, limits, self._folders.discard)
        self._reader = Reader(metadata, self._committer.stores.root)
        self._quarantined = QuarantineReader(metadata, self._committer.stores.root)
        self._maintenance = DatasetMaintenance(
            self._committer, self._reader, self._quarantined, metadata, context.clock, limits, context.logger
        )
        self._reprocess_jobs = ReprocessJobs(config.data_path / "reprocess", self._committer, metadata, context.clock, limits)
        expiry = ReprocessExpiry(self._reprocess_jobs, self._locks, context.blocking, context.logger)
        self._metrics = StorageMetrics(context.metrics)
        self._scheduler = MaintenanceScheduler(
            committer=self._committer,
            maintenance=self._maintenance,
            locks=self._locks,
            folders=self._folders,
            delete_expired_reprocesses=expiry.run,
            ledger=self._outbox,
            limits=limits,
            logger=context.logger,
            metrics=self._metrics,
        )

    def register(self, server: grpc.aio.Server) -> None:
        """Build the servicers and add them to the process's server."""
        context, limits, notify = self._context, self._context.config.limits, self._outbox.notify
        add_BlobServiceServicer_to_server(BlobHandlers(self._blobs, context.blocking, limits, self._metrics), server)
        add_CommitServiceServicer_to_server(self._commit_handlers(), server)
        datasets = DatasetHandlers(self._reader, context.metadata, context.blocking, self._quarantined.count_statuses)
        add_DatasetServiceServicer_to_server(datasets, server)
        add_QuarantineServiceServicer_to_server(self._quarantine_handlers(), server)
        add_ReprocessServiceServicer_to_server(self._reprocess_handlers(), server)
        add_MaintenanceServiceServicer_to_server(MaintenanceHandlers(self._maintenance, self._locks, notify), server)
        comparison = CommitComparison(context.metadata, self._reader)
        add_VerifyServiceServicer_to_server(VerifyHandlers(comparison, self._folders, self._blobs, context.blocking), server)

    async def start(self) -> None:
        """Sweep staging, and finish the commits that a former process decided."""
        await self._context.blocking.run(self._staging.sweep)
        for key in await self._context.blocking.run(self._committer.unfinished):
            try:
                await self._locks.run(key, self._committer.recover, key)
            except Exception as refused:  # noqa: BLE001 - other datasets must work in spite of this one, whose next commit fails alike
                self._context.logger.error("unfinished commit not recovered", dataset=key.dataset, exception=refused)  # noqa: TRY400 - ours, not logging's
        self._scheduler.start()

    async def begin(self) -> None:
        """Deliver events to the ledger, beginning with those that a former process left."""
        self._outbox.start()
        if self._blobs_watch is not None:
            self._watching.start("object-store-watch", self._blobs_watch.once)

    def problems(self) -> dict[str, str]:
        """Return why the object store is of no use at the moment."""
        return {self.name: self._blobs_watch.problem if self._blobs_watch else ""}

    async def stop(self) -> None:
        """Stop background work, wait for commits under way, and close the stores."""
        await self._watching.stop()
        await self._outbox.stop()
        await self._scheduler.stop()
        await self._context.blocking.run(self._committer.close)

    def _commit_handlers(self) -> CommitHandlers:
        context = self._context
        return CommitHandlers(
            receipts=ReceiptLookup(self._committer, self._locks, context.blocking),
            group_commit=self.group_commit,
            folders=self._folders,
            policies=Policies(context.clients, context.metadata, context.blocking),
            metrics=self._metrics,
            on_commit=self._scheduler.committed,
            check_backlog=self._check_backlog,
        )

    def _quarantine_handlers(self) -> QuarantineHandlers:
        context = self._context
        records = QuarantineRecords(self._quarantined, self._payloads, context.blocking)
        actions = QuarantineActions(
            committer=self._committer,
            locks=self._locks,
            metadata=context.metadata,
            clock=context.clock,
            on_commit=self._committed,
            notify_outbox=self._outbox.notify,
        )
        return QuarantineHandlers(
            records=records,
            retry=RecordRetry(records, actions, self._folders, context.clients, context.metadata),
            actions=actions,
            blobs=self._blobs,
            blocking=context.blocking,
            clock=context.clock,
            limits=context.config.limits,
        )

    def _reprocess_handlers(self) -> ReprocessHandlers:
        context, data_path, limits = self._context, self._context.config.data_path, self._context.config.limits
        return ReprocessHandlers(
            jobs=self._reprocess_jobs,
            rollbacks=Rollbacks(self._committer, context.metadata, context.clock, limits, data_path / "staging"),
            locks=self._locks,
            folders=self._folders,
            blobs=self._blobs,
            blocking=context.blocking,
            on_commit=self._committed,
            notify_outbox=self._outbox.notify,
        )

    async def _check_backlog(self) -> None:
        """Refuse a new commit while too many events wait for the ledger."""
        await self._context.metadata.read(outbox.admit, tables.outbox, self._context.config.limits)

    def _committed(self, key: DatasetKey) -> None:
        """Notify compaction about a commit, and the outbox about its events."""
        self._scheduler.committed(key)
        self._outbox.notify()


def build(context: ServiceContext) -> Service:
    """Build the service; opens nothing."""
    return StorageService(context)
