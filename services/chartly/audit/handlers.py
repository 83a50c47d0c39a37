"""gRPC handlers of the ledger: decode, call the log, encode. The interceptor handles authorization, deadlines and errors."""

from dataclasses import replace
from datetime import datetime

import orjson
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from chartly.ledger import bundle, layout, note
from chartly.ledger.merkle import HASH_BYTES
from chartly.platform.blocking import Blocking
from chartly.platform.clock import Clock
from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.v1 import audit_pb2 as pb
from chartly.v1.audit_pb2_grpc import AuditServiceServicer

from .entry import EntryEncoder
from .errors import LogRangeUnknown
from .log import Log
from .store import EntryStore, LogFiles, StoredEntry
from .verify import verify_log

_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"


class AuditHandlers(AuditServiceServicer):
    """Serves ``chartly.v1.AuditService``."""

    def __init__(
        self,
        log: Log,
        entries: EntryStore,
        files: LogFiles,
        encoder: EntryEncoder,
        verifier: note.Verifier,
        blocking: Blocking,
        clock: Clock,
    ) -> None:
        self._log = log
        self._entries = entries
        self._files = files
        self._encoder = encoder
        self._verifier = verifier
        self._blocking = blocking
        self._clock = clock

    async def AppendEvents(self, request: pb.AppendEventsRequest, context: Context) -> pb.AppendEventsResponse:
        """Append events, and answer once a signed checkpoint covers all of them."""
        scope, now = current_scope(), self._clock.now()
        entries = [self._encoder.encode(event, scope, now) for event in request.events]
        indexes, size = await self._log.append(entries)
        return pb.AppendEventsResponse(indexes=indexes, tree_size=size)

    async def ListEvents(self, request: pb.ListEventsRequest, context: Context) -> pb.ListEventsResponse:
        """List the project's events by index, in either order."""
        scope, size = current_scope(), page_size(request.page_size)
        kind = "audit.events.newest" if request.newest_first else "audit.events"
        position = page_position(kind, request.page_token, 1)
        rows = await self._entries.page(
            scope.tenant,
            scope.project,
            after=int(position[0]) if position else None,
            newest_first=request.newest_first,
            count=size + 1,
            run_id=request.run_id,
            kind=request.type,
        )
        token = page_token(kind, rows[size - 1].index) if len(rows) > size else ""
        return pb.ListEventsResponse(events=[_event(row) for row in rows[:size]], next_page_token=token)

    async def ListProjects(self, request: pb.ListProjectsRequest, context: Context) -> pb.ListProjectsResponse:
        """List the projects that have entries."""
        size = page_size(request.page_size)
        position = page_position("audit.projects", request.page_token, 2)
        after = (str(position[0]), str(position[1])) if position else ("", "")
        found = await self._entries.projects(after, size + 1)
        token = page_token("audit.projects", *found[size - 1]) if len(found) > size else ""
        projects = [pb.LedgerProject(tenant=tenant, project=project) for tenant, project in found[:size]]
        return pb.ListProjectsResponse(projects=projects, next_page_token=token)

    async def GetCheckpoint(self, request: pb.GetCheckpointRequest, context: Context) -> HttpBody:
        """Return the signed checkpoint."""
        return HttpBody(content_type=_TEXT, data=await self._read("checkpoint"))

    async def GetTile(self, request: pb.GetTileRequest, context: Context) -> HttpBody:
        """Return a tile or a bundle by its C2SP path."""
        try:
            tile = layout.parse(request.path)
        except layout.PathInvalidError as invalid:
            raise LogRangeUnknown(request.path) from invalid
        return HttpBody(content_type=_BYTES, data=await self._blocking.run(self._tile, tile))

    async def GetLogKey(self, request: pb.GetLogKeyRequest, context: Context) -> HttpBody:
        """Return the log's verifier key."""
        return HttpBody(content_type=_TEXT, data=f"{self._verifier.vkey}\n".encode())

    async def VerifyLog(self, request: pb.VerifyLogRequest, context: Context) -> pb.VerifyLogResponse:
        """Verify the log from its entries."""
        report = await self._blocking.run(verify_log, self._files, self._entries, self._verifier)
        answer = pb.VerifyLogResponse(verified=report.verified, faults=report.faults)
        if report.checkpoint is not None:
            answer.tree_size = report.checkpoint.size
            answer.root_hash = report.checkpoint.text.split("\n")[2]
        return answer

    def _tile(self, tile: layout.Tile) -> bytes:
        """Return a tile or bundle. A partial one that was replaced is the beginning of the full one."""
        content = self._files.read_tile(tile)
        if content is None and tile.width < layout.TILE_WIDTH:
            whole = self._files.read_tile(replace(tile, width=layout.TILE_WIDTH))
            if whole is not None:
                content = whole[: tile.width * HASH_BYTES] if tile.level is not None else bundle.beginning(whole, tile.width)
        if content is None:
            raise LogRangeUnknown(f"tile/{tile.path}")
        return content

    async def _read(self, path: str) -> bytes:
        content = await self._blocking.run(self._files.read, path)
        if content is None:
            raise LogRangeUnknown(path)
        return content


def _event(stored: StoredEntry) -> pb.AuditEvent:
    record = orjson.loads(stored.data)
    moment = Timestamp()
    moment.FromDatetime(datetime.fromisoformat(record["ts"]))
    details = Struct()
    details.update(record.get("details", {}))
    return pb.AuditEvent(
        index=stored.index,
        event_key=record["entry_id"],
        type=record["kind"],
        occurred_at=moment,
        principal=f"{record['actor']['kind']}:{record['actor']['id']}",
        tenant_id=record["tenant_id"],
        project_id=record["project_id"],
        run_id=record.get("run_id", ""),
        subject=f"{record['subject']['kind']}/{record['subject']['id']}",
        details=details,
    )
