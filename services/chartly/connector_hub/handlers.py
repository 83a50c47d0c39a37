"""The hub's gRPC calls: decode, call, encode. The platform's interceptor handles authorization, deadlines and errors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from google.protobuf.timestamp_pb2 import Timestamp

from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.identity.scope import current_scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.clients import Clients
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.v1 import common_pb2
from chartly.v1 import connector_hub_pb2 as pb
from chartly.v1.connector_hub_pb2_grpc import ConnectorHubServiceServicer
from chartly.v1.registry_pb2 import GetFrozenProfileRequest

from .domain.breaker import Breaker
from .domain.connector import Connector, source_from
from .domain.push import PushSource
from .errors import SourcePaused, SourceUnknown
from .push.handlers import IngestHandlers
from .push.inbox import Inbox
from .push.ingest import PushIngest
from .store import SourceCursor, SourceRow, SourceStore, SyncStore
from .store import inbox as inbox_store
from .sync.syncs import SyncCall, Syncs

# A call's pages are one answer and one lease; 16 pages of a second each stay within a lease that heartbeats prolong.
PAGES_DEFAULT = 16
# PushIngest are stored already; each becomes a work item of its run, and 64 keep several drones busy.
PUSHED_PAGES_DEFAULT = 64


class ConnectorHubHandlers(IngestHandlers, ConnectorHubServiceServicer):
    """Serves ``chartly.v1.ConnectorHubService`` for the caller's project."""

    def __init__(
        self,
        *,
        clients: Clients,
        clock: Clock,
        limits: Limits,
        metadata: Metadata,
        sources: SourceStore,
        cursors: SyncStore,
        syncs: Syncs,
        pushes: PushIngest,
        inbox: Inbox,
    ) -> None:
        super().__init__(pushes, limits)
        self._clients = clients
        self._clock = clock
        self._metadata = metadata
        self._sources = sources
        self._cursors = cursors
        self._syncs = syncs
        self._inbox = inbox

    async def SyncSource(self, request: pb.SyncSourceRequest, context: Context) -> pb.SyncSourceResponse:
        """Fetch the next pages of a run's sync; a repeated sequence returns the same pages."""
        source = await self._source(request.connector)
        if isinstance(source, PushSource):
            return await self._take(request, source)
        call = SyncCall(
            scope=current_scope(),
            run_id=request.continues_run_id or request.run_id,
            connector=request.connector,
            source=source,
            sequence=request.sequence,
            pages_max=request.pages_max or PAGES_DEFAULT,
            asked_by=request.run_id,
        )
        result = await self._syncs.sync(call)
        return pb.SyncSourceResponse(
            source_id=source.source_id,
            pages=result.pages,
            finished=result.finished,
            requests=result.counts.requests,
            retries=result.counts.retries,
        )

    async def ListSources(self, request: pb.ListSourcesRequest, context: Context) -> pb.ListSourcesResponse:
        """List the project's sources by id."""
        size = page_size(request.page_size)
        position = page_position("sources", request.page_token, 1)
        rows = await self._sources.list(current_scope().name, str(position[0]) if position else "", size + 1)
        token = page_token("sources", rows[size - 1].source_id) if len(rows) > size else ""
        return pb.ListSourcesResponse(sources=await self._encoded(rows[:size]), next_page_token=token)

    async def GetSource(self, request: pb.GetSourceRequest, context: Context) -> pb.Source:
        """Return one source."""
        row = await self._sources.get(current_scope().name, request.source_id)
        return (await self._encoded([_known(row, request.source_id)]))[0]

    async def PauseSource(self, request: pb.PauseSourceRequest, context: Context) -> pb.Source:
        """Refuse syncs and pushes of a source."""
        row = await self._sources.change(current_scope().name, request.source_id, lambda row: replace(row, paused=True))
        return (await self._encoded([_known(row, request.source_id)]))[0]

    async def ResumeSource(self, request: pb.ResumeSourceRequest, context: Context) -> pb.Source:
        """End the pause, close the circuit, and release held pushes."""
        row = await self._sources.change(current_scope().name, request.source_id, lambda row: replace(row, paused=False, breaker=Breaker()))
        known = _known(row, request.source_id)
        now_ms = int(self._clock.now().timestamp() * 1000)
        project = current_scope().name
        await write_with_retries(self._metadata, lambda connection: inbox_store.resume(connection, project, request.source_id, now_ms))
        return (await self._encoded([known]))[0]

    async def _source(self, frozen: common_pb2.FrozenProfile) -> Connector | PushSource:
        answer = await self._clients.registry.GetFrozenProfile(GetFrozenProfileRequest(hash=frozen.hash))
        return source_from(json.loads(answer.resolved_json))

    async def _take(self, request: pb.SyncSourceRequest, source: PushSource) -> pb.SyncSourceResponse:
        scope, frozen = current_scope(), request.connector
        if (await self._sources.seen(scope.name, source.source_id, frozen.ref, frozen.hash)).paused:
            raise SourcePaused(source.source_id)
        taken = await self._inbox.take(
            scope, request.run_id, source.source_id, sequence=request.sequence, count=request.pushed_pages_max or PUSHED_PAGES_DEFAULT
        )
        return pb.SyncSourceResponse(source_id=source.source_id, pages=taken.pages, finished=taken.finished)

    async def _encoded(self, rows: Sequence[SourceRow]) -> list[pb.Source]:
        source_ids = [row.source_id for row in rows]
        states = await self._metadata.read(inbox_store.states, current_scope().name, source_ids)
        cursors = await self._cursors.newest(current_scope().name, source_ids)
        return [self._encode(row, states.get(row.source_id, {}), cursors.get(row.source_id)) for row in rows]

    def _encode(self, row: SourceRow, states: Mapping[str, tuple[int, int]], newest: SourceCursor | None) -> pb.Source:
        source = pb.Source(
            source_id=row.source_id,
            connector=common_pb2.FrozenProfile(ref=row.connector_ref, hash=row.connector_hash),
            breaker=row.breaker.state(self._clock.now()),
            paused=row.paused,
            requests=row.requests,
            retries=row.retries,
            bytes_ingested=row.bytes_ingested,
            last_reason=row.last_reason,
        )
        if row.last_page_at is not None:
            moment = Timestamp()
            moment.FromDatetime(row.last_page_at)
            source.last_page_at.CopyFrom(moment)
        if newest is not None:
            cursor = newest.cursor
            encoded = pb.SourceCursor(run_id=newest.run_id, position=cursor.position, pages=cursor.pages, finished=cursor.finished)
            source.cursor.CopyFrom(encoded)
        for state, (items, size_bytes) in states.items():
            setattr(source.inbox, state, items)
            source.inbox.size_bytes += size_bytes
        return source


def _known(row: SourceRow | None, source_id: str) -> SourceRow:
    if row is None:
        raise SourceUnknown(source_id)
    return row
