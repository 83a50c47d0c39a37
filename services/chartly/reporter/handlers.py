"""Reports over the wire: decode, make or read, encode."""

from datetime import datetime

import orjson
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.timestamp_pb2 import Timestamp

from chartly.platform.clock import Clock
from chartly.platform.identity.scope import current_scope
from chartly.platform.json.numbers import whole
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.clients import Clients
from chartly.platform.rpc.paging import page_position, page_size, page_token
from chartly.v1 import blob_pb2
from chartly.v1 import reporter_pb2 as pb
from chartly.v1.reporter_pb2_grpc import ReporterServiceServicer

from .domain.manifest import MANIFEST_PATH, RESULT_PATH
from .errors import ArtifactUnknown, ReportUnknown
from .report_maker import ReportMaker
from .store import ReportRow, ReportStore


class ReporterHandlers(ReporterServiceServicer):
    """Serves ``chartly.v1.ReporterService`` for the caller's project."""

    def __init__(self, maker: ReportMaker, reports: ReportStore, clients: Clients, clock: Clock) -> None:
        self._maker = maker
        self._reports = reports
        self._clients = clients
        self._clock = clock

    async def CreateReport(self, request: pb.CreateReportRequest, context: Context) -> pb.Report:
        """Make a report; the same request over the same versions answers with the first report."""
        row = await self._maker.make(current_scope(), whole(MessageToDict(request.request)), self._clock.now())
        return _encode(row)

    async def GetReport(self, request: pb.GetReportRequest, context: Context) -> pb.Report:
        """Return one report."""
        return _encode(await self._known(request.report_id))

    async def ListReports(self, request: pb.ListReportsRequest, context: Context) -> pb.ListReportsResponse:
        """List reports, newest first, without results."""
        size = page_size(request.page_size)
        position = page_position("reports", request.page_token, 2)
        before = (datetime.fromisoformat(str(position[0])), str(position[1])) if position else None
        rows = await self._reports.newest(current_scope(), before, size + 1)
        token = page_token("reports", rows[size - 1].created_at.isoformat(), rows[size - 1].report_id) if len(rows) > size else ""
        return pb.ListReportsResponse(reports=[_encode(row, full=False) for row in rows[:size]], next_page_token=token)

    async def ExportReport(self, request: pb.ExportReportRequest, context: Context) -> HttpBody:
        """Return one file of a report, or its manifest."""
        row = await self._known(request.report_id)
        if request.artifact == MANIFEST_PATH:
            return HttpBody(content_type="application/json", data=row.manifest)
        wanted = request.artifact or RESULT_PATH
        for file in orjson.loads(row.manifest)["files"]:
            if file["path"] == wanted:
                content = bytearray()
                async for part in self._clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256=file["sha256"])):
                    content += part.data
                return HttpBody(content_type=file["content_type"], data=bytes(content))
        raise ArtifactUnknown(row.report_id)

    async def _known(self, report_id: str) -> ReportRow:
        row = await self._reports.get(current_scope(), report_id)
        if row is None:
            raise ReportUnknown(report_id)
        return row


def _encode(row: ReportRow, *, full: bool = True) -> pb.Report:
    created = Timestamp()
    created.FromDatetime(row.created_at)
    report = pb.Report(report_id=row.report_id, title=row.title, report_hash=row.report_hash, created_at=created)
    if full:
        ParseDict(orjson.loads(row.result), report.result)
        ParseDict(orjson.loads(row.manifest), report.manifest)
    return report
