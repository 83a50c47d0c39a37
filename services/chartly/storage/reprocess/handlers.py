"""Rebuilds over the wire: plan, stage, compare, apply. What runs long tells its phases, and stops between them when nobody listens."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from threading import Event
from typing import Any

from google.protobuf.struct_pb2 import Struct

from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.storage import encode
from chartly.storage.commit.handlers import POLICIES
from chartly.storage.commit.tickets import Errand, Ticket
from chartly.storage.errors import ReprocessStopped, ReprocessUnknown
from chartly.storage.handler_base import Handlers, Rooms
from chartly.storage.model import DatasetKey, Frozen, Submission, WriteMode
from chartly.storage.raw import rows as blob_rows
from chartly.v1 import common_pb2
from chartly.v1 import reprocess_pb2 as pb

from .compare import Tell
from .model import Difference, Reprocess, Sample, Scope


class ReprocessHandlers(Handlers):
    """PlanReprocess, BeginReprocessChunk, CommitReprocessChunk, DiffReprocess, ApplyReprocess, GetReprocess."""

    async def PlanReprocess(self, request: pb.PlanReprocessRequest, context: Context) -> pb.PlanReprocessResponse:
        """Fix a rebuild's chunks."""
        key = _key(request.dataset)
        planned = await self._rooms.blocking.run(self._rooms.rebuilds.plan, key, request.reprocess_id, _scope(request.scope))
        return pb.PlanReprocessResponse(base_version=planned.base_version, chunks=planned.chunks, raw_bytes=planned.raw_bytes)

    async def BeginReprocessChunk(self, request: pb.BeginReprocessChunkRequest, context: Context) -> pb.BeginReprocessChunkResponse:
        """Open a folder for one chunk."""
        rooms = self._rooms
        reprocess = await rooms.blocking.run(rooms.rebuilds.find, _key(""), request.reprocess_id)
        reprocess, chunk = await rooms.blocking.run(rooms.rebuilds.chunk, reprocess.key, request.reprocess_id, request.place)
        if chunk.staged:
            return pb.BeginReprocessChunkResponse(records=chunk.records)
        errand = Errand(kind="restage", subject=request.reprocess_id, place=request.place)
        ticket, uri = await open_folder(rooms, reprocess.key, errand)
        blob = await rooms.metadata.read(blob_rows.find, reprocess.key.tenant, reprocess.key.project, chunk.raw_sha256)
        raw = encode.raw_ref(blob) if blob else common_pb2.RawRef(sha256=chunk.raw_sha256)
        normalizer = encode.frozen(reprocess.scope.normalizer)
        return pb.BeginReprocessChunkResponse(ticket=ticket, staging_uri=uri, raw=raw, source_id=chunk.source_id, normalizer=normalizer)

    async def CommitReprocessChunk(self, request: pb.CommitReprocessChunkRequest, context: Context) -> pb.CommitReprocessChunkResponse:
        """Keep a chunk's files."""
        rooms, scope = self._rooms, current_scope()
        policy = POLICIES[request.dedupe_policy]
        ticket = rooms.tickets.take(request.ticket, (scope.tenant, scope.project), "restage")
        try:
            if ticket.errand is None:
                raise ReprocessUnknown(request.ticket)
            files = (request.accepted_file, request.rejected_file)
            for file in filter(None, files):
                await rooms.blocking.run(rooms.staging.check, ticket.ticket, file)
            reprocess, chunk = await rooms.blocking.run(rooms.rebuilds.chunk, ticket.key, ticket.errand.subject, ticket.errand.place)
            folder = rooms.staging.folder(ticket.ticket)
            staged = await rooms.blocking.run(rooms.rebuilds.stage, reprocess, chunk, folder, files, request.records, policy)
        finally:
            await rooms.blocking.run(rooms.staging.drop, ticket.ticket)
        return pb.CommitReprocessChunkResponse(records=staged.records)

    async def DiffReprocess(self, request: pb.DiffReprocessRequest, context: Context) -> AsyncIterator[pb.DiffReprocessResponse]:
        """Compare, telling the phases."""
        rooms = self._rooms
        found = await rooms.blocking.run(rooms.rebuilds.find, _key(""), request.reprocess_id)

        async def compare(tell: Tell) -> Reprocess:
            return await rooms.blocking.run(rooms.rebuilds.compare, found.key, request.reprocess_id, tell)

        async for phase, compared in _phases(compare):
            yield pb.DiffReprocessResponse(phase=phase, reprocess=reprocess_of(compared) if compared else None)

    async def ApplyReprocess(self, request: pb.ApplyReprocessRequest, context: Context) -> AsyncIterator[pb.ApplyReprocessResponse]:
        """Commit, telling the phases; once it is decided it is finished, whoever stays to hear it."""
        rooms, scope = self._rooms, current_scope()
        found = await rooms.blocking.run(rooms.rebuilds.find, _key(""), request.reprocess_id)
        principal = scope.on_behalf_of or scope.principal

        async def apply(tell: Tell) -> Reprocess:
            return await rooms.lanes.run(found.key, rooms.rebuilds.apply, found.key, request.reprocess_id, request.run_id, principal, tell)

        async for phase, applied in _phases(apply):
            if applied is not None:
                rooms.ledger.follow()
                rooms.upkeep.committed(found.key)
            yield pb.ApplyReprocessResponse(phase=phase, reprocess=reprocess_of(applied) if applied else None)

    async def GetReprocess(self, request: pb.GetReprocessRequest, context: Context) -> pb.Reprocess:
        """Read a rebuild with its samples."""
        found = await self._rooms.blocking.run(self._rooms.rebuilds.find, _key(request.dataset), request.reprocess_id)
        return reprocess_of(found, with_samples=True)


async def open_folder(rooms: Rooms, key: DatasetKey, errand: Errand) -> tuple[str, str]:
    """Open a ticket for an errand; gives it with its folder's URI."""
    rooms.upkeep.expire_tickets()
    ticket = Ticket(
        ticket=secrets.token_hex(16),
        key=key,
        submission=Submission(work_key="", submission_id=""),
        storage=Frozen(),
        mode=WriteMode.APPEND,
        expires_s=rooms.clock.monotonic_s() + rooms.limits.write_ticket_s,
        errand=errand,
    )
    rooms.tickets.open(ticket)
    folder = await rooms.blocking.run(rooms.staging.make, ticket.ticket)
    return ticket.ticket, folder.as_uri()


def reprocess_of(value: Reprocess, *, with_samples: bool = False) -> pb.Reprocess:
    """A rebuild."""
    made = pb.Reprocess(
        reprocess_id=value.reprocess_id,
        dataset=value.key.dataset,
        scope=_scope_of(value.scope),
        state=value.state.value,
        diff=_diff_of(value.difference) if value.difference else None,
        version=value.version,
        rebased_to=value.rebased_to,
        created_at=encode.timestamp(value.created_at),
    )
    if with_samples:
        made.samples.extend(map(_sample_of, value.samples))
    return made


async def _phases(work: Callable[[Tell], Coroutine[None, None, Reprocess]]) -> AsyncIterator[tuple[str, Reprocess | None]]:
    """Give each phase that the work tells, and at last what it gives; work whose caller has gone ends with its phase."""
    phases: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    gone = Event()

    def tell(phase: str) -> None:
        if gone.is_set():
            raise ReprocessStopped
        loop.call_soon_threadsafe(phases.put_nowait, phase)

    task = asyncio.create_task(work(tell))
    try:
        while not task.done():
            heard = asyncio.ensure_future(phases.get())
            await asyncio.wait([task, heard], return_when=asyncio.FIRST_COMPLETED)
            if heard.done():
                yield heard.result(), None
            else:
                heard.cancel()
        yield "done", task.result()
    finally:
        gone.set()
        task.cancel()


def _key(dataset: str) -> DatasetKey:
    scope = current_scope()
    return DatasetKey(scope.tenant, scope.project, dataset)


def _scope(message: pb.ReprocessScope) -> Scope:
    return Scope(
        normalizer=Frozen(ref=message.normalizer.ref, hash=message.normalizer.hash),
        replaces=message.replaces,
        since=encode.time_of(message.since) if message.HasField("since") else None,
        until=encode.time_of(message.until) if message.HasField("until") else None,
        quarantined=message.quarantined,
    )


def _scope_of(value: Scope) -> pb.ReprocessScope:
    return pb.ReprocessScope(
        normalizer=encode.frozen(value.normalizer),
        replaces=value.replaces,
        since=encode.timestamp(value.since) if value.since else None,
        until=encode.timestamp(value.until) if value.until else None,
        quarantined=value.quarantined,
    )


def _diff_of(value: Difference) -> pb.ReprocessDiff:
    numbers = ("base_version", "base_rows", "chunks", "unchanged", "changed", "appear", "vanish", "outside", "edited", "discarded", "rows")
    return pb.ReprocessDiff(
        **{name: getattr(value, name) for name in (*numbers, "newly_quarantined", "no_longer_quarantined")},
        base_content_hash=value.base_content_hash,
        content_hash=value.content_hash,
        counts=encode.counts(value.counts),
        quarantine_reasons=[common_pb2.ReasonCount(reason=reason, records=records) for reason, records in value.reasons.items()],
    )


def _sample_of(value: Sample) -> pb.ReprocessSample:
    return pb.ReprocessSample(
        change=value.change,
        before=_struct(value.before),
        after=_struct(value.after),
        place=common_pb2.RawPlace(**value.place) if value.place else None,
        violations=[common_pb2.RecordViolation(**violation) for violation in value.violations],
    )


def _struct(record: dict[str, Any] | None) -> Struct | None:
    if record is None:
        return None
    made = Struct()
    made.update(record)
    return made
