"""Committed chunks and rollups done again, compared over the wire. Nothing of what is brought is kept."""

from pathlib import Path

from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.storage import encode
from chartly.storage.arrow import pa
from chartly.storage.commit import rows as commit_rows
from chartly.storage.commit.tickets import Errand
from chartly.storage.errors import VersionUnknown
from chartly.storage.handler_base import Handlers
from chartly.storage.model import Commit, DatasetKey, WriteMode
from chartly.storage.raw import rows as blob_rows
from chartly.storage.reprocess.handlers import open_folder
from chartly.storage.table import columns as c
from chartly.storage.table.content_hash import content_of_rows
from chartly.storage.table.digests import accepted_digest, digest_column, rejected_digest
from chartly.storage.table.envelope import read_staged
from chartly.v1 import common_pb2
from chartly.v1 import verify_pb2 as pb

from .committed_records import held_records
from .compare import Held, Judged, Redone, judge


class VerifyHandlers(Handlers):
    """BeginVerify, CompareCommit."""

    async def BeginVerify(self, request: pb.BeginVerifyRequest, context: Context) -> pb.BeginVerifyResponse:
        """Open a folder, and name what the commit was made from."""
        rooms, scope = self._rooms, current_scope()
        key = DatasetKey(scope.tenant, scope.project, request.dataset)
        commit = await rooms.blocking.run(self._commit, key, request.dataset_version)
        errand = Errand(kind="verify", subject="", place=commit.sequence)
        ticket, uri = await open_folder(rooms, key, errand)
        answer = pb.BeginVerifyResponse(
            ticket=ticket, staging_uri=uri, source_id=commit.origin.source_id, work_key=commit.submission.work_key
        )
        if commit.mode is not WriteMode.REPLACE:
            digest = commit.origin.raw_sha256
            blob = await rooms.metadata.read(blob_rows.find, key.tenant, key.project, digest)
            answer.raw.CopyFrom(encode.raw_ref(blob) if blob else common_pb2.RawRef(sha256=digest))
            answer.normalizer.CopyFrom(common_pb2.FrozenProfile(ref=commit.origin.normalizer.ref, hash=commit.origin.normalizer.hash))
        return answer

    async def CompareCommit(self, request: pb.CompareCommitRequest, context: Context) -> pb.VerifiedPart:
        """Compare what was done again with what was committed."""
        rooms, scope = self._rooms, current_scope()
        ticket = rooms.tickets.take(request.ticket, (scope.tenant, scope.project), "verify")
        version = ticket.errand.place if ticket.errand else 0
        try:
            for file in filter(None, (request.accepted_file, request.rejected_file)):
                await rooms.blocking.run(rooms.staging.check, ticket.ticket, file)
            commit = await rooms.blocking.run(self._commit, ticket.key, version)
            judged = await rooms.blocking.run(self._judge, commit, rooms.staging.folder(ticket.ticket), request)
        finally:
            await rooms.blocking.run(rooms.staging.drop, ticket.ticket)
        return pb.VerifiedPart(
            kind="rollup" if commit.mode is WriteMode.REPLACE else "chunk",
            subject=commit.submission.work_key,
            dataset=commit.key.dataset,
            dataset_version=commit.sequence,
            raw_sha256=commit.origin.raw_sha256,
            verdict=judged.verdict.value,
            findings=judged.findings,
        )

    def _commit(self, key: DatasetKey, version: int) -> Commit:
        with self._rooms.metadata.reading() as connection:
            commit = commit_rows.by_sequence(connection, key, version)
        if commit is None:
            raise VersionUnknown(key.dataset, version)
        return commit

    def _judge(self, commit: Commit, folder: Path, request: pb.CompareCommitRequest) -> Judged:
        if commit.mode is WriteMode.REPLACE:
            rows = read_staged(folder, request.accepted_file, ())
            count, digest = (rows.num_rows, f"sha256:{content_of_rows(rows)[0].hexdigest()}") if rows is not None else (0, "")
            return judge(commit, Redone(records=count, content_hash=digest), None)
        accepted = read_staged(folder, request.accepted_file, c.ACCEPTED)
        rejected = read_staged(folder, request.rejected_file, c.REJECTED)
        redone = Redone(records=request.records, accepted_digest=_accepted(accepted), rejected_digest=rejected_digest(rejected))
        return judge(commit, redone, self._held(commit, accepted))

    def _held(self, commit: Commit, accepted: "pa.Table | None") -> Held | None:
        """Look at the version that the commit made; where its files are gone, at the last one."""
        if not commit.counts.canonical:
            return None
        for version in (commit.sequence, 0):
            try:
                files = self._rooms.reader.snapshot(commit.key, version)[2]
            except VersionUnknown:
                continue
            return held_records(commit, files, accepted)
        return None


def _accepted(rows: "pa.Table | None") -> str:
    none = pa.array([], pa.binary(32))
    if rows is None:
        return accepted_digest(none, none)
    return accepted_digest(digest_column(rows.column(c.IDEMPOTENCY_KEY)), digest_column(rows.column(c.RECORD_ID)))
