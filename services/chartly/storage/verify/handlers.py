"""Serves ``VerifyService``: compares commits with a second result of the same work. It keeps nothing that callers write."""

from chartly.platform.blocking import Blocking
from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.storage.commit.tickets import TicketPurpose
from chartly.storage.commit.write_folders import WriteFolders
from chartly.storage.model import WriteMode
from chartly.storage.raw.repository import BlobRepository
from chartly.storage.raw.wire import raw_ref_or_digest
from chartly.storage.wire import dataset_key
from chartly.v1 import common_pb2
from chartly.v1 import verify_pb2 as pb
from chartly.v1.verify_pb2_grpc import VerifyServiceServicer

from .comparison import CommitComparison


class VerifyHandlers(VerifyServiceServicer):
    """BeginVerify and CompareCommit."""

    def __init__(self, comparison: CommitComparison, folders: WriteFolders, blobs: BlobRepository, blocking: Blocking) -> None:
        self._comparison = comparison
        self._folders = folders
        self._blobs = blobs
        self._blocking = blocking

    async def BeginVerify(self, request: pb.BeginVerifyRequest, context: Context) -> pb.BeginVerifyResponse:
        """Open a folder, and return what the commit was made from."""
        key = dataset_key(request.dataset)
        commit = await self._blocking.run(self._comparison.commit, key, request.dataset_version)
        answer = pb.BeginVerifyResponse(source_id=commit.origin.source_id, work_key=commit.submission.work_key)
        if commit.mode is not WriteMode.REPLACE:
            digest, normalizer = commit.origin.raw_sha256, commit.origin.normalizer
            blob = await self._blocking.run(self._blobs.find, (key.tenant, key.project), digest)
            answer.raw.CopyFrom(raw_ref_or_digest(blob, digest))
            answer.normalizer.CopyFrom(common_pb2.FrozenProfile(ref=normalizer.ref, hash=normalizer.hash))
        opened = await self._folders.open_for(key, TicketPurpose(kind="verify", dataset_version=commit.sequence))
        answer.ticket, answer.staging_uri = opened.ticket, opened.uri
        return answer

    async def CompareCommit(self, request: pb.CompareCommitRequest, context: Context) -> pb.VerifiedPart:
        """Compare the files under a ticket with the commit."""
        scope = current_scope()
        ticket = self._folders.take(request.ticket, (scope.tenant, scope.project), "verify")
        version = ticket.purpose.dataset_version if ticket.purpose else 0
        files = (request.accepted_file, request.rejected_file)
        async with self._folders.removed_on_failure(ticket):
            await self._folders.check(ticket, *files)
            commit = await self._blocking.run(self._comparison.commit, ticket.key, version)
        judged = await self._folders.run(ticket, self._comparison.compare, commit, self._folders.path(ticket), files, request.records)
        return pb.VerifiedPart(
            kind="rollup" if commit.mode is WriteMode.REPLACE else "chunk",
            subject=commit.submission.work_key,
            dataset=commit.key.dataset,
            dataset_version=commit.sequence,
            raw_sha256=commit.origin.raw_sha256,
            verdict=judged.verdict.value,
            findings=judged.findings,
        )
