"""Makes a report, in this order: fix the versions of its inputs, query, draw, store the files, append to the ledger, store the report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import orjson
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from chartly.contracts import ContractStore
from chartly.platform.errors import FieldViolation, Internal, error
from chartly.platform.identity.scope import Scope
from chartly.platform.outbox import Event
from chartly.platform.rpc.blob_stream import blob_messages
from chartly.platform.rpc.clients import Clients
from chartly.v1 import analytics_pb2, dataset_pb2

from .domain.inputs import pinned_versions
from .domain.manifest import RESULT_PATH, Artifact, manifest
from .domain.result import Input, check_correlations, report_id, result_document
from .domain.statement import correlation_statement, count_statement, rows_statement, statement
from .domain.table import Table, csv_of, table_of
from .errors import ReportRequestInvalid
from .store import ReportRow, ReportStore

REQUEST_CONTRACT = "reports.report_request"
RESULT_CONTRACT = "reports.report_result"
MANIFEST_CONTRACT = "reports.export_manifest"
_ROWS_DEFAULT = 1_000


@error(reason="INTERNAL")
class ReportBreaksContract(Internal):
    """A document that the reporter made breaks its contract."""

    contract: str
    rule: str


class ReportMaker:
    """Makes reports for one project at a time."""

    def __init__(self, clients: Clients, reports: ReportStore, contracts: ContractStore, inputs_max: int) -> None:
        self._clients = clients
        self._reports = reports
        self._inputs_max = inputs_max
        self._validators = {name: contracts.validator(name) for name in (REQUEST_CONTRACT, RESULT_CONTRACT, MANIFEST_CONTRACT)}

    async def make(self, scope: Scope, request: Mapping[str, Any], now: datetime) -> ReportRow:
        """Make a report, or return the report of the same request over the same versions.

        Raises:
            ReportRequestInvalid: with every violation of the contract.
            LedgerBacklogFull: too many events wait for the ledger.
            RemoteError: storage or analytics refuse.
        """
        broken = self._validators[REQUEST_CONTRACT].violations(request)
        if broken:
            raise ReportRequestInvalid(violations=tuple(violation.as_field_violation("request") for violation in broken))
        if len(request["inputs"]) > self._inputs_max:
            rule = f"must have at most {self._inputs_max} items"
            raise ReportRequestInvalid(violations=(FieldViolation("request.inputs", rule),))
        inputs, columns = await self._inputs(request)
        known = await self._reports.get(scope, report_id(request, inputs))
        if known is not None:
            return known
        await self._reports.check_backlog()
        return await self._make(scope, request, inputs, statement(request, columns), now)

    async def _make(self, scope: Scope, request: Mapping[str, Any], inputs: Sequence[Input], sql: str, now: datetime) -> ReportRow:
        versions = {given.dataset: given.version for given in inputs}
        table = await self._table(sql, versions, int(request.get("rows_max", _ROWS_DEFAULT)))
        check_correlations(request, table)
        correlations = [await self._correlation(sql, versions, pair) for pair in request.get("correlations", [])]
        result = result_document(request, inputs, table, correlations, now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self._check(RESULT_CONTRACT, result)
        artifacts = [Artifact(RESULT_PATH, "application/json", orjson.dumps(result))]
        if "csv" in request.get("formats", []):
            artifacts.append(Artifact("result.csv", "text/csv", csv_of(table)))
        for number, config in enumerate(request.get("charts", []), 1):
            artifacts.append(Artifact(f"charts/{number}.png", "image/png", await self._chart(config, sql, versions)))
        for artifact in artifacts:
            await self._clients.blob.PutBlob(blob_messages(artifact.content, artifact.content_type, "reporter"))
        entry_id = f"report.created/{result['report_id']}"
        proof = manifest(result, inputs, artifacts, entry_id)
        self._check(MANIFEST_CONTRACT, proof)
        row = ReportRow(
            result["report_id"],
            request["title"],
            result["report_hash"],
            orjson.dumps(result),
            orjson.dumps(proof),
            now.replace(microsecond=0),
        )
        return await self._reports.add(scope, row, self._event(scope, entry_id, proof, now))

    async def _inputs(self, request: Mapping[str, Any]) -> tuple[list[Input], dict[str, list[str]]]:
        """Fix the version of each input; return the inputs, and the columns of each by alias.

        A dataset is opened once, also if several inputs name it, so that all of them have the same version.
        """
        opened: dict[str, dataset_pb2.OpenSnapshotResponse] = {}
        for dataset, version in pinned_versions(request["inputs"]).items():
            wanted = dataset_pb2.OpenSnapshotRequest(dataset=dataset, version=version)
            opened[dataset] = await self._clients.dataset.OpenSnapshot(wanted)
        versions = {dataset: snapshot.version for dataset, snapshot in opened.items()}
        rows = {dataset: await self._count(rows_statement(dataset), {dataset: version}) for dataset, version in versions.items()}
        inputs = [
            Input(given["alias"], dataset, versions[dataset], opened[dataset].content_hash, rows[dataset])
            for given in request["inputs"]
            for dataset in (given["dataset"],)
        ]
        return inputs, {given.alias: [column.name for column in opened[given.dataset].columns] for given in inputs}

    async def _table(self, sql: str, versions: Mapping[str, int], rows_max: int) -> Table:
        answer = await self._query(sql, versions, rows_max)
        rows = [cast("list[Any]", MessageToDict(row)) for row in answer.rows]
        row_count = await self._count(count_statement(sql), versions) if answer.truncated else len(rows)
        columns = [(column.name, column.type) for column in answer.columns]
        return table_of(columns, rows, row_count, truncated=answer.truncated)

    async def _correlation(self, sql: str, versions: Mapping[str, int], pair: Mapping[str, str]) -> dict[str, Any]:
        method = pair.get("method", "pearson")
        answer = await self._query(correlation_statement(sql, pair["x"], pair["y"], method), versions, 1)
        coefficient, pairs = MessageToDict(answer.rows[0])
        usable = isinstance(coefficient, float)
        # A sum of rounded products can leave the range by an ulp.
        bounded = max(-1.0, min(1.0, coefficient)) if usable else None
        return {"x": pair["x"], "y": pair["y"], "method": method, "coefficient": bounded, "pairs": int(pairs)}

    async def _chart(self, config: Mapping[str, Any], sql: str, versions: Mapping[str, int]) -> bytes:
        drawn = ParseDict(dict(config) | {"data": {"sql": sql}}, Struct())
        request = analytics_pb2.RenderChartRequest(config=drawn, format="png", versions=versions)
        return (await self._clients.analytics.RenderChart(request)).data

    async def _count(self, sql: str, versions: Mapping[str, int]) -> int:
        """Return the number that a statement selects."""
        (number,) = MessageToDict((await self._query(sql, versions, 1)).rows[0])
        return int(number)

    async def _query(self, sql: str, versions: Mapping[str, int], rows_max: int) -> analytics_pb2.QueryResponse:
        return await self._clients.analytics.Query(analytics_pb2.QueryRequest(sql=sql, rows_max=rows_max, versions=versions))

    @staticmethod
    def _event(scope: Scope, entry_id: str, proof: Mapping[str, Any], now: datetime) -> Event:
        files = {f"file_{number}": file["sha256"] for number, file in enumerate(proof["files"])}
        return Event(
            key=entry_id,
            type="report.created",
            subject=f"report/{proof['report_id']}",
            principal=scope.on_behalf_of or scope.principal,
            occurred_at=now,
            details={"report_hash": proof["report_hash"], "files": files},
        )

    def _check(self, contract: str, document: Mapping[str, Any]) -> None:
        broken = self._validators[contract].violations(document)
        if broken:
            raise ReportBreaksContract(contract, f"{broken[0].pointer}: {broken[0].rule}")
