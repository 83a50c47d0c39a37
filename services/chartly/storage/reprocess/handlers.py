"""Serves ``ReprocessService``: plan, begin and commit chunks, diff, apply; and rollbacks of datasets."""

from collections.abc import AsyncIterator, Callable

from chartly.platform.blocking import Blocking
from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.storage.commit.dataset_lock import DatasetLocks
from chartly.storage.commit.tickets import TicketPurpose
from chartly.storage.commit.write_folders import WriteFolders
from chartly.storage.errors import ReprocessUnknown
from chartly.storage.model import DatasetKey
from chartly.storage.raw.repository import BlobRepository
from chartly.storage.raw.wire import raw_ref_or_digest
from chartly.storage.wire import acting_principal, dataset_key, dedupe_policy, frozen
from chartly.v1 import reprocess_pb2 as pb
from chartly.v1.reprocess_pb2_grpc import ReprocessServiceServicer

from . import wire
from .jobs import ReprocessJobs
from .model import Reprocess
from .progress import Report, phases
from .rollback import Rollbacks


class ReprocessHandlers(ReprocessServiceServicer):
    """The calls of ``ReprocessService``."""

    def __init__(
        self,
        *,
        jobs: ReprocessJobs,
        rollbacks: Rollbacks,
        locks: DatasetLocks,
        folders: WriteFolders,
        blobs: BlobRepository,
        blocking: Blocking,
        on_commit: Callable[[DatasetKey], None],
        notify_outbox: Callable[[], None],
    ) -> None:
        self._jobs = jobs
        self._rollbacks = rollbacks
        self._locks = locks
        self._folders = folders
        self._blobs = blobs
        self._blocking = blocking
        self._on_commit = on_commit
        self._notify_outbox = notify_outbox

    async def PlanReprocess(self, request: pb.PlanReprocessRequest, context: Context) -> pb.PlanReprocessResponse:
        """Fix the chunks of a reprocess."""
        key = dataset_key(request.dataset)
        planned = await self._blocking.run(self._jobs.plan, key, request.reprocess_id, wire.scope_of(request.scope))
        return pb.PlanReprocessResponse(base_version=planned.base_version, chunks=planned.chunks, raw_bytes=planned.raw_bytes)

    async def BeginReprocessChunk(self, request: pb.BeginReprocessChunkRequest, context: Context) -> pb.BeginReprocessChunkResponse:
        """Open a folder for one chunk."""
        reprocess = await self._find(request.reprocess_id)
        reprocess, chunk = await self._blocking.run(self._jobs.chunk, reprocess.key, request.reprocess_id, request.place)
        if chunk.staged:
            return pb.BeginReprocessChunkResponse(records=chunk.records)
        key = reprocess.key
        blob = await self._blocking.run(self._blobs.find, (key.tenant, key.project), chunk.raw_sha256)
        opened = await self._folders.open_for(
            key, TicketPurpose(kind="reprocess", reprocess_id=request.reprocess_id, chunk_number=request.place)
        )
        return pb.BeginReprocessChunkResponse(
            ticket=opened.ticket,
            staging_uri=opened.uri,
            raw=raw_ref_or_digest(blob, chunk.raw_sha256),
            source_id=chunk.source_id,
            normalizer=frozen(reprocess.scope.normalizer),
        )

    async def CommitReprocessChunk(self, request: pb.CommitReprocessChunkRequest, context: Context) -> pb.CommitReprocessChunkResponse:
        """Store a chunk's files for the reprocess."""
        scope = current_scope()
        policy = dedupe_policy(request.dedupe_policy)
        ticket = self._folders.take(request.ticket, (scope.tenant, scope.project), "reprocess")
        async with self._folders.removed_on_failure(ticket):
            if ticket.purpose is None:
                raise ReprocessUnknown(request.ticket)
            files = (request.accepted_file, request.rejected_file)
            await self._folders.check(ticket, *files)
            reprocess, chunk = await self._blocking.run(
                self._jobs.chunk, ticket.key, ticket.purpose.reprocess_id, ticket.purpose.chunk_number
            )
        stored = await self._folders.run(
            ticket, self._jobs.stage, reprocess, chunk, self._folders.path(ticket), files, request.records, policy
        )
        return pb.CommitReprocessChunkResponse(records=stored.records)

    async def DiffReprocess(self, request: pb.DiffReprocessRequest, context: Context) -> AsyncIterator[pb.DiffReprocessResponse]:
        """Compare the stored chunks with the dataset, and stream the phases."""
        found = await self._find(request.reprocess_id)

        async def compare(report: Report) -> Reprocess:
            return await self._blocking.run(self._jobs.compare, found.key, request.reprocess_id, report)

        async for phase, compared in phases(compare):
            yield pb.DiffReprocessResponse(phase=phase, reprocess=wire.reprocess(compared) if compared else None)

    async def ApplyReprocess(self, request: pb.ApplyReprocessRequest, context: Context) -> AsyncIterator[pb.ApplyReprocessResponse]:
        """Commit the reprocess, and stream the phases. Once decided, the commit is finished even if the caller leaves."""
        found = await self._find(request.reprocess_id)
        key, principal = found.key, acting_principal()

        async def apply(report: Report) -> Reprocess:
            return await self._locks.run(key, self._jobs.apply, key, request.reprocess_id, request.run_id, principal, report)

        async for phase, applied in phases(apply):
            if applied is not None:
                self._on_commit(key)
            yield pb.ApplyReprocessResponse(phase=phase, reprocess=wire.reprocess(applied) if applied else None)

    async def GetReprocess(self, request: pb.GetReprocessRequest, context: Context) -> pb.Reprocess:
        """Return a reprocess with its samples."""
        return wire.reprocess(await self._find(request.reprocess_id, request.dataset), with_samples=True)

    async def RollbackDataset(self, request: pb.RollbackDatasetRequest, context: Context) -> pb.RollbackDatasetResponse:
        """Make a new version with the content of an older one, or return what would change."""
        key = dataset_key(request.dataset)
        done = await self._locks.run(key, self._rollbacks.restore, key, request.version, acting_principal(), dry_run=request.dry_run)
        self._notify_outbox()
        return wire.rollback(request.dataset, done)

    async def _find(self, reprocess_id: str, dataset: str = "") -> Reprocess:
        """Return a reprocess of the caller's project, of any dataset if none is named."""
        return await self._blocking.run(self._jobs.find, dataset_key(dataset), reprocess_id)
