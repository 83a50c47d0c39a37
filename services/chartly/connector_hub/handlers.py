"""The hub over the wire: decode, call the domain, encode. Authorization, deadlines and errors are the platform's interceptor's."""

import json
from dataclasses import replace

from google.protobuf.timestamp_pb2 import Timestamp

from chartly.platform.call import Context
from chartly.platform.clients import Clients
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.errors import Violations
from chartly.platform.paging import page_position, page_size, page_token
from chartly.platform.scope import current_scope
from chartly.v1 import common_pb2
from chartly.v1 import connector_hub_pb2 as pb
from chartly.v1.connector_hub_pb2_grpc import ConnectorHubServiceServicer
from chartly.v1.registry_pb2 import GetFrozenProfileRequest

from .domain.breaker import Breaker
from .domain.connector import Connector, connector_from
from .errors import SourceUnknown
from .store import SourceRow, SourceStore
from .sync import Syncs

# A call's pages are one answer and one lease; 16 pages of a second each stay within a lease that heartbeats prolong.
PAGES_DEFAULT = 16
PAGES_MAX = 256


class ConnectorHubHandlers(ConnectorHubServiceServicer):
    """Serves ``chartly.v1.ConnectorHubService`` for the caller's project."""

    def __init__(self, clients: Clients, clock: Clock, limits: Limits, sources: SourceStore, syncs: Syncs) -> None:
        self._clients = clients
        self._limits = limits
        self._clock = clock
        self._sources = sources
        self._syncs = syncs

    async def SyncSource(self, request: pb.SyncSourceRequest, context: Context) -> pb.SyncSourceResponse:
        """Fetch the next pages of a run's sync; the same sequence again gives the same pages."""
        found = Violations()
        found.require("run_id", present=request.run_id)
        found.require("connector.hash", present=request.connector.hash)
        if not 0 <= request.pages_max <= PAGES_MAX:
            found.add("pages_max", f"must be from 0 to {PAGES_MAX}")
        if request.sequence < 0:
            found.add("sequence", "must not be negative")
        found.raise_if_any()
        source = await self._connector(request.connector)
        result = await self._syncs.sync(
            current_scope(),
            request.run_id,
            request.connector,
            source,
            sequence=request.sequence,
            count=request.pages_max or PAGES_DEFAULT,
        )
        return pb.SyncSourceResponse(
            source_id=source.source_id,
            pages=result.pages,
            finished=result.finished,
            requests=result.tally.requests,
            retries=result.tally.retries,
        )

    async def ListSources(self, request: pb.ListSourcesRequest, context: Context) -> pb.ListSourcesResponse:
        """List by id."""
        size = page_size(request.page_size, self._limits)
        position = page_position("sources", request.page_token, 1)
        rows = await self._sources.list(current_scope().name, str(position[0]) if position else "", size + 1)
        token = page_token("sources", rows[size - 1].source_id) if len(rows) > size else ""
        return pb.ListSourcesResponse(sources=[self._encode(row) for row in rows[:size]], next_page_token=token)

    async def GetSource(self, request: pb.GetSourceRequest, context: Context) -> pb.Source:
        """Read one."""
        row = await self._sources.get(current_scope().name, request.source_id)
        return self._encode(_known(row, request.source_id))

    async def PauseSource(self, request: pb.PauseSourceRequest, context: Context) -> pb.Source:
        """Refuse further syncs."""
        row = await self._sources.change(current_scope().name, request.source_id, lambda row: replace(row, paused=True))
        return self._encode(_known(row, request.source_id))

    async def ResumeSource(self, request: pb.ResumeSourceRequest, context: Context) -> pb.Source:
        """Take a pause back and close the breaker."""
        row = await self._sources.change(current_scope().name, request.source_id, lambda row: replace(row, paused=False, breaker=Breaker()))
        return self._encode(_known(row, request.source_id))

    async def _connector(self, frozen: common_pb2.FrozenProfile) -> Connector:
        answer = await self._clients.registry.GetFrozenProfile(GetFrozenProfileRequest(hash=frozen.hash))
        return connector_from(json.loads(answer.resolved_json))

    def _encode(self, row: SourceRow) -> pb.Source:
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
        return source


def _known(row: SourceRow | None, source_id: str) -> SourceRow:
    if row is None:
        raise SourceUnknown(source_id)
    return row
