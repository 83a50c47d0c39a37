"""Analytics over the wire: decode, call, encode. The interceptor handles authorization, deadlines, metrics and errors."""

from collections.abc import Mapping
from typing import Any

from google.api.httpbody_pb2 import HttpBody
from google.protobuf.struct_pb2 import ListValue, Value

from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.errors import Violations
from chartly.platform.json.numbers import whole
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.clients import Clients
from chartly.v1 import analytics_pb2 as pb
from chartly.v1.analytics_pb2_grpc import AnalyticsServiceServicer
from chartly.v1.verify_pb2 import VerifiedPart

from .chart_config import chart_config
from .datasets import OpenedSnapshot, open_snapshots
from .ledger import QueryLog, query_executed
from .rollup import Rollups
from .worker.workers import Workers

_ROWS_DEFAULT = 1_000
_FORMAT_DEFAULT = "png"
# From here on, several integers have the same double.
_EXACT_NUMBER_END = 2.0**53
_CONTENT_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


class AnalyticsHandlers(AnalyticsServiceServicer):
    """Serves ``chartly.v1.AnalyticsService`` for the caller's project."""

    def __init__(self, clients: Clients, workers: Workers, clock: Clock, limits: Limits, query_log: QueryLog) -> None:
        self._clients = clients
        self._workers = workers
        self._clock = clock
        self._limits = limits
        self._query_log = query_log
        self._rollups = Rollups(clients, workers, clock, limits, query_log)

    async def Query(self, request: pb.QueryRequest, context: Context) -> pb.QueryResponse:
        """Run one SELECT in the sandbox, and store its event for the ledger before the response."""
        await self._query_log.check_backlog()
        wrong = Violations()
        parameters = [_scalar(value, f"parameters[{place}]", wrong) for place, value in enumerate(request.parameters)]
        wrong.raise_if_any()
        snapshots = await self._snapshots(request.sql, request.versions)
        message = self._message(request.sql, parameters, snapshots, request.rows_max or _ROWS_DEFAULT)
        answer, _ = await self._workers.run("query", message)
        inputs = [snapshot.version for snapshot in snapshots.values()]
        await self._query_log.store(query_executed(request.sql, inputs, len(answer["rows"]), self._clock.now()))
        response = pb.QueryResponse(
            columns=[pb.QueryColumn(name=column["name"], type=column["type"]) for column in answer["columns"]],
            truncated=answer["truncated"],
            inputs=inputs,
        )
        for row in answer["rows"]:
            response.rows.append(_row(row))
        return response

    async def RunRollup(self, request: pb.RunRollupRequest, context: Context) -> pb.RunRollupResponse:
        """Run an analytics profile, and replace its output dataset."""
        return await self._rollups.run(request)

    async def VerifyRollup(self, request: pb.VerifyRollupRequest, context: Context) -> VerifiedPart:
        """Repeat a rollup, and compare its rows with the stored ones."""
        return await self._rollups.verify(request)

    async def RenderChart(self, request: pb.RenderChartRequest, context: Context) -> HttpBody:
        """Draw a chart over a dataset or a query's result."""
        config = await chart_config(self._clients, request)
        data = config["data"]
        sql = data["sql"] if "sql" in data else _all_rows(data["dataset"])
        snapshots = await self._snapshots(sql, request.versions)
        made = request.format or _FORMAT_DEFAULT
        message = self._message(sql, [], snapshots, self._limits.series_points_max)
        _, picture = await self._workers.run("chart", {**message, "config": config, "format": made})
        return HttpBody(content_type=_CONTENT_TYPES[made], data=picture)

    async def _snapshots(self, sql: str, versions: Mapping[str, int]) -> dict[str, OpenedSnapshot]:
        planned, _ = await self._workers.run("plan", {"sql": sql})
        wrong = Violations()
        for dataset in sorted(set(versions) - set(planned["tables"])):
            wrong.add(f"versions[{dataset}]", "must name a dataset that the statement reads")
        wrong.raise_if_any()
        return await open_snapshots(self._clients, planned["tables"], versions)

    def _message(self, sql: str, parameters: list[Any], snapshots: dict[str, OpenedSnapshot], rows_max: int) -> dict[str, Any]:
        return {
            "sql": sql,
            "parameters": parameters,
            "datasets": {name: snapshot.source for name, snapshot in snapshots.items()},
            "rows_max": rows_max,
            "bytes_max": self._limits.query_bytes_max,
        }


def _all_rows(dataset: str) -> str:
    """Return SQL that reads all rows of a dataset in a fixed order, so that equal data gives an equal chart."""
    return f'SELECT * FROM "{dataset}" ORDER BY ALL'  # noqa: S608 - the contracts of a chart and of a profile allow no quote in a dataset's name


def _scalar(value: Value, field: str, wrong: Violations) -> Any:
    kind = value.WhichOneof("kind")
    if kind in ("list_value", "struct_value"):
        wrong.add(field, "must be a scalar")
        return None
    if kind != "number_value":
        return None if kind in (None, "null_value") else getattr(value, kind)
    number = value.number_value
    if not abs(number) < _EXACT_NUMBER_END:
        # 2^53 + 1 has become 2^53 before it arrives here.
        wrong.add(field, "a number must be below 2^53; send a larger one as text, and cast it in the statement: $1::BIGINT, $1::DOUBLE")
        return None
    return whole(number)


def _row(values: list[Any]) -> ListValue:
    row = ListValue()
    row.extend(values)
    return row
