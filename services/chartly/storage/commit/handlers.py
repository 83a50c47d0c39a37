"""Writes over the wire: a ticket, files under it, a commit."""

import secrets
from datetime import timedelta
from pathlib import Path

from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.storage import encode
from chartly.storage.handler_base import Handlers, Rooms
from chartly.storage.model import DatasetKey, DedupePolicy, Frozen, Origin, Submission, WriteMode
from chartly.storage.names import RAW_FILE, blob_key
from chartly.v1 import commit_pb2 as pb

from .chunk import Staged, Write
from .tickets import Ticket

_MODES = {pb.WRITE_MODE_APPEND: WriteMode.APPEND, pb.WRITE_MODE_REPLACE: WriteMode.REPLACE}
POLICIES: dict[str, DedupePolicy] = {"": "first", "first": "first", "last": "last", "quarantine": "quarantine"}


class WriteHandlers(Handlers):
    """BeginWrite and CommitWrite."""

    async def BeginWrite(self, request: pb.BeginWriteRequest, context: Context) -> pb.BeginWriteResponse:
        """Give a ticket, or the receipt when the chunk is committed."""
        rooms, scope = self._rooms, current_scope()
        key = DatasetKey(scope.tenant, scope.project, request.dataset)
        submission = Submission(work_key=request.work_key, submission_id=request.submission_id or request.work_key, run_id=request.run_id)
        mode = _MODES[request.mode]
        receipt, prepared = await rooms.blocking.run(rooms.committer.committed, key, submission, mode)
        if prepared:
            receipt = await rooms.lanes.run(key, rooms.committer.receipt, key, submission, mode)
        if receipt is not None:
            return pb.BeginWriteResponse(receipt=encode.receipt(receipt))
        rooms.upkeep.expire_tickets()
        ticket = Ticket(
            ticket=secrets.token_hex(16),
            key=key,
            submission=submission,
            storage=Frozen(ref=request.storage.ref, hash=request.storage.hash),
            mode=mode,
            expires_s=rooms.clock.monotonic_s() + rooms.limits.write_ticket_s,
        )
        rooms.tickets.open(ticket)
        folder, raw_file = await rooms.blocking.run(_staged_with, rooms, ticket, request.raw_sha256)
        expires_at = encode.timestamp(rooms.clock.now() + timedelta(seconds=rooms.limits.write_ticket_s))
        return pb.BeginWriteResponse(ticket=ticket.ticket, staging_uri=folder.as_uri(), expires_at=expires_at, raw_file=raw_file)

    async def CommitWrite(self, request: pb.CommitWriteRequest, context: Context) -> pb.CommitWriteResponse:
        """Commit the ticket's files, whoever stays to hear the answer."""
        rooms, scope = self._rooms, current_scope()
        origin = request.origin
        dedupe_policy = POLICIES[origin.dedupe_policy]
        ticket = rooms.tickets.take(request.ticket, (scope.tenant, scope.project))
        try:
            size_bytes = 0
            for file in filter(None, (request.accepted_file, request.rejected_file)):
                size_bytes += await rooms.blocking.run(rooms.staging.check, ticket.ticket, file)
            write = Write(
                key=ticket.key,
                submission=ticket.submission,
                mode=ticket.mode,
                storage=ticket.storage,
                policy=await rooms.policies.get(ticket.key, ticket.storage),
                staged=Staged(rooms.staging.folder(ticket.ticket), request.accepted_file, request.rejected_file),
                origin=_origin(origin, dedupe_policy),
            )
            with rooms.metrics.committing():
                receipt = await rooms.together.commit(write, size_bytes)
        except Exception:
            # Not on cancellation: the commit goes on without its caller, and needs the files.
            await rooms.blocking.run(rooms.staging.drop, ticket.ticket)
            raise
        rooms.metrics.committed(receipt)
        rooms.upkeep.committed(ticket.key)
        return pb.CommitWriteResponse(receipt=encode.receipt(receipt))


def _staged_with(rooms: Rooms, ticket: Ticket, raw_sha256: str) -> tuple[Path, str]:
    """Make a ticket's folder, on a thread, with the raw bytes in it where that costs no copy; gives the folder and their name there."""
    folder = rooms.staging.make(ticket.ticket)
    key = blob_key(ticket.key.tenant, ticket.key.project, raw_sha256)
    return folder, RAW_FILE if raw_sha256 and rooms.blobs.link(key, folder / RAW_FILE) else ""


def _origin(origin: pb.ChunkOrigin, dedupe_policy: DedupePolicy) -> Origin:
    return Origin(
        source_id=origin.source_id,
        raw_sha256=origin.raw.sha256,
        captured_at=encode.time_of(origin.raw.captured_at) if origin.raw.HasField("captured_at") else None,
        normalizer=Frozen(ref=origin.normalizer.ref, hash=origin.normalizer.hash),
        records_in=origin.records_in,
        dedupe_policy=dedupe_policy,
    )
