"""Serves ``CommitService``: a ticket, files under it, a commit."""

from collections.abc import Awaitable, Callable

from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.storage import wire
from chartly.storage.metrics import StorageMetrics
from chartly.storage.model import DatasetKey, Submission, WriteMode
from chartly.v1 import commit_pb2 as pb
from chartly.v1.commit_pb2_grpc import CommitServiceServicer

from . import wire as commit_wire
from .chunk import StagedFiles, Write
from .group_commit import GroupCommit
from .policies import Policies
from .receipt_lookup import ReceiptLookup
from .write_folders import WriteFolders

_MODES = {pb.WRITE_MODE_APPEND: WriteMode.APPEND, pb.WRITE_MODE_REPLACE: WriteMode.REPLACE}


class CommitHandlers(CommitServiceServicer):
    """BeginWrite and CommitWrite."""

    def __init__(
        self,
        receipts: ReceiptLookup,
        group_commit: GroupCommit,
        folders: WriteFolders,
        policies: Policies,
        metrics: StorageMetrics,
        on_commit: Callable[[DatasetKey], None],
        check_backlog: Callable[[], Awaitable[None]],
    ) -> None:
        self._receipts = receipts
        self._group_commit = group_commit
        self._folders = folders
        self._policies = policies
        self._metrics = metrics
        self._on_commit = on_commit
        self._check_backlog = check_backlog

    async def BeginWrite(self, request: pb.BeginWriteRequest, context: Context) -> pb.BeginWriteResponse:
        """Return a ticket with its folder, or the receipt if the chunk is committed."""
        key = wire.dataset_key(request.dataset)
        submission = Submission(work_key=request.work_key, submission_id=request.submission_id or request.work_key, run_id=request.run_id)
        mode = _MODES[request.mode]
        receipt = await self._receipts.find(key, submission, mode)
        if receipt is not None:
            return pb.BeginWriteResponse(receipt=commit_wire.receipt(receipt))
        await self._check_backlog()
        opened = await self._folders.open_write(key, submission, wire.frozen_of(request.storage), mode, request.raw_sha256)
        return pb.BeginWriteResponse(
            ticket=opened.ticket, staging_uri=opened.uri, expires_at=wire.timestamp(opened.expires_at), raw_file=opened.raw_file
        )

    async def CommitWrite(self, request: pb.CommitWriteRequest, context: Context) -> pb.CommitWriteResponse:
        """Commit the ticket's files. Once the commit is queued, it goes on if the caller leaves."""
        scope = current_scope()
        ticket = self._folders.take(request.ticket, (scope.tenant, scope.project))
        async with self._folders.removed_on_failure(ticket):
            size_bytes = await self._folders.check(ticket, request.accepted_file, request.rejected_file)
            write = Write(
                key=ticket.key,
                submission=ticket.submission,
                mode=ticket.mode,
                storage=ticket.storage,
                policy=await self._policies.get(ticket.key, ticket.storage),
                staged=StagedFiles(self._folders.path(ticket), request.accepted_file, request.rejected_file),
                origin=commit_wire.origin(request.origin),
                principal=wire.acting_principal(),
                facts=commit_wire.derivation(request.derivation),
            )
        # From here on the group commit removes the folder.
        with self._metrics.committing():
            receipt = await self._group_commit.commit(write, size_bytes)
        self._metrics.committed(receipt)
        self._on_commit(ticket.key)
        return pb.CommitWriteResponse(receipt=commit_wire.receipt(receipt))
