"""Runs an analytics profile: takes the window from the data, runs the query in the sandbox, commits a derived dataset. Safe to repeat."""

import hashlib
import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.rpc.clients import Clients
from chartly.v1 import analytics_pb2 as pb
from chartly.v1 import commit_pb2, verify_pb2
from chartly.v1.registry_pb2 import GetFrozenProfileRequest
from chartly.v1.verify_pb2 import VerifiedPart

from .datasets import OpenedSnapshot, open_snapshot
from .domain.template import bind, column_in_template
from .domain.window import EMPTY, NO_END, covering
from .errors import DatasetDamaged, QueryRefused
from .ledger import QueryLog, rollup_executed
from .worker.workers import WorkerFault, Workers

_OUTPUT_FILE = "accepted.parquet"
# Orders the records of a canonical dataset whatever files they lie in; a derived one has no such column.
_RECORD_ID = "record_id"


class Rollups:
    """Runs rollups. It holds no state between them."""

    def __init__(self, clients: Clients, workers: Workers, clock: Clock, limits: Limits, query_log: QueryLog) -> None:
        self._clients = clients
        self._workers = workers
        self._clock = clock
        self._limits = limits
        self._query_log = query_log

    async def run(self, request: pb.RunRollupRequest) -> pb.RunRollupResponse:
        """Run a rollup.

        Raises:
            ProfileUnusable: the profile's query or window can't be run.
            RemoteError: PROFILE_UNKNOWN, DATASET_UNKNOWN.
            LedgerBacklogFull: too many events wait for the ledger.
            QueryRefused, QueryLimit: the query is not allowed, or reached a bound.
        """
        await self._query_log.check_backlog()
        answer = await self._clients.registry.GetFrozenProfile(GetFrozenProfileRequest(hash=request.analytics.hash))
        spec = json.loads(answer.resolved_json)["spec"]
        template = spec["queryTemplate"]["text"]
        sql, names = bind(template)
        snapshot = await open_snapshot(self._clients, spec["inputs"]["dataset"])
        window = await self._window(snapshot, spec["inputs"])
        key = work_key(request.analytics.hash, snapshot.version, window)
        begun = await self._clients.commit.BeginWrite(
            commit_pb2.BeginWriteRequest(
                work_key=key,
                dataset=spec["outputs"]["dataset"],
                mode=commit_pb2.WRITE_MODE_REPLACE,
                submission_id=request.run_id,
                run_id=request.run_id,
            )
        )
        if begun.HasField("receipt"):
            receipt = begun.receipt
        else:
            await self._query(template, {name: window[name] for name in names}, snapshot, begun.staging_uri)
            read = commit_pb2.DerivationInput(
                dataset=snapshot.version.dataset, version=snapshot.version.version, content_hash=snapshot.version.content_hash
            )
            derivation = commit_pb2.Derivation(analytics=request.analytics, inputs=[read])
            written = commit_pb2.CommitWriteRequest(ticket=begun.ticket, accepted_file=_OUTPUT_FILE, derivation=derivation)
            receipt = (await self._clients.commit.CommitWrite(written)).receipt
        await self._query_log.store(rollup_executed(request, sql, snapshot.version, receipt, self._clock.now()))
        return pb.RunRollupResponse(
            dataset=receipt.dataset,
            dataset_version=receipt.dataset_version,
            rows=receipt.chunk_counts.canonical,
            input=snapshot.version,
        )

    async def verify(self, request: pb.VerifyRollupRequest) -> VerifiedPart:
        """Repeat a rollup on the input version that it read, and compare its rows.

        Raises:
            RemoteError: PROFILE_UNKNOWN, CORRUPT; DATASET_UNKNOWN when the version is gone.
            QueryRefused, QueryLimit, ProfileUnusable: as in ``run``.
        """
        answer = await self._clients.registry.GetFrozenProfile(GetFrozenProfileRequest(hash=request.analytics.hash))
        spec = json.loads(answer.resolved_json)["spec"]
        template = spec["queryTemplate"]["text"]
        _, names = bind(template)
        snapshot = await open_snapshot(self._clients, request.input.dataset, request.input.version)
        window = await self._window(snapshot, spec["inputs"])
        asked = verify_pb2.BeginVerifyRequest(dataset=request.dataset, dataset_version=request.dataset_version)
        begun = await self._clients.verify.BeginVerify(asked)
        try:
            await self._query(template, {name: window[name] for name in names}, snapshot, begun.staging_uri)
        except (WorkerFault, DatasetDamaged):
            finding = f"The query cannot run on the files that version {request.input.version} of {request.input.dataset} has now."
            return VerifiedPart(
                kind="rollup",
                subject=begun.work_key,
                dataset=request.dataset,
                dataset_version=request.dataset_version,
                verdict="unequal",
                findings=[finding],
            )
        compared = verify_pb2.CompareCommitRequest(ticket=begun.ticket, accepted_file=_OUTPUT_FILE)
        part = await self._clients.verify.CompareCommit(compared)
        if snapshot.version.content_hash != request.input.content_hash:
            part.verdict = "unequal"
            part.findings.append(
                f"The rollup read content {request.input.content_hash}; the version holds {snapshot.version.content_hash} now."
            )
        return part

    async def _window(self, snapshot: OpenedSnapshot, inputs: dict[str, Any]) -> dict[str, str]:
        begin: datetime
        end: datetime | None
        begin, end = EMPTY
        if snapshot.files:
            message = {"datasets": {snapshot.version.dataset: snapshot.source}, "time_field": inputs.get("timeField", "occurred_at")}
            found, _ = await self._workers.run("bounds", message)
            if found["first"] is not None:
                first, last = datetime.fromisoformat(found["first"]), datetime.fromisoformat(found["last"])
                begin, end = covering(inputs.get("window"), first, last)
        return {"window_start": begin.isoformat(), "window_end": end.isoformat() if end else NO_END}

    async def _query(self, template: str, parameters: dict[str, str], snapshot: OpenedSnapshot, staging_uri: str) -> None:
        message = {
            "sql": bind(template)[0],
            "parameters": parameters,
            "source": snapshot.source,
            "order": [_RECORD_ID] if _RECORD_ID in snapshot.columns else [],
            "rows_max": self._limits.query_rows_max,
            "output": f"{unquote(urlsplit(staging_uri).path)}/{_OUTPUT_FILE}",
        }
        try:
            await self._workers.run("rollup", message)
        except QueryRefused as refused:
            if refused.line is None or refused.column is None:
                raise
            column = column_in_template(template, refused.line, refused.column)
            raise QueryRefused(refused.problem, refused.line, column) from refused


def work_key(profile_hash: str, version: pb.DatasetVersion, window: dict[str, str]) -> str:
    """Return the hash of what determines a rollup's output: profile, input version, window."""
    identity = {
        "content_hash": version.content_hash,
        "dataset": version.dataset,
        "profile_hash": profile_hash,
        "version": str(version.version),
        **window,
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
