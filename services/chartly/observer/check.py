"""Gathers what storage, ledger and raw plane keep of one project, and lets ``agreement`` compare it. It reads all that it checks."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format

from chartly.platform.errors import RemoteError
from chartly.platform.rpc.clients import Clients
from chartly.v1 import audit_pb2, blob_pb2, dataset_pb2, maintenance_pb2

from . import agreement
from .agreement import COUNTS, Commit, Kept, Recomputed

_PAGE_SIZE = 1_000
# What makes a version of a dataset: a commit, or what rebuilds or rolls back the whole of it.
_UPDATED, _WHOLE = "dataset.updated", ("dataset.reprocessed", "dataset.rolled_back")
# Blobs read at a time: hashing is quick, so this hides the calls' latency without filling the store's threads.
_BLOBS_AT_A_TIME = 4
# A commit is in the ledger a moment after it is in its table; a difference counts only when it stays for this long.
_LOOKS, _LOOK_AGAIN_S = 4, 0.5


@dataclass
class Report:
    """What was looked at, and what does not agree."""

    datasets: int = 0
    commits: int = 0
    blobs: int = 0
    faults: list[str] = field(default_factory=list[str])


class ConsistencyCheck:
    """One check of one project, as the service itself."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def run(self) -> Report:
        """Check everything; a service that refuses or is away is an error, not a fault of the data."""
        report = Report()
        commits = await self._ledger(report)
        report.commits = len(commits)
        digests = sorted({commit.raw_sha256 for commit in commits if commit.raw_sha256})
        report.blobs = len(digests)
        report.faults += await self._blobs(digests)
        log = await self._clients.audit.VerifyLog(audit_pb2.VerifyLogRequest())
        report.faults += [f"ledger: {fault}" for fault in log.faults]
        return report

    async def _ledger(self, report: Report) -> list[Commit]:
        """Compare datasets with the ledger, looking again while a commit's entry may still be on its way."""
        faults: list[str] = []
        commits: list[Commit] = []
        kept: list[Kept] = []
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(_LOOK_AGAIN_S)
            # The datasets first: what is committed after that is in the ledger with a later version, and left out.
            kept = [each async for each in self._datasets()]
            commits = [each async for each in self._commits()]
            faults = [fault for each in kept for fault in agreement.ledger_faults(each, commits)]
            faults += agreement.unknown_datasets(kept, commits)
            report.datasets = len(kept)
            if not faults:
                break
        for each in kept:
            faults += await self._table(each)
        report.faults += faults
        return commits

    async def _datasets(self) -> AsyncIterator[Kept]:
        token = ""
        while True:
            request = dataset_pb2.ListDatasetsRequest(page_size=_PAGE_SIZE, page_token=token)
            page = await self._clients.dataset.ListDatasets(request)
            for each in page.datasets:
                counts = {name: getattr(each.counts, name) for name in COUNTS}
                yield Kept(each.dataset, each.version, each.rows, each.content_hash, counts, each.derived)
            token = page.next_page_token
            if not token:
                return

    async def _commits(self) -> AsyncIterator[Commit]:
        for kind in (_UPDATED, *_WHOLE):
            token = ""
            while True:
                request = audit_pb2.ListEventsRequest(page_size=_PAGE_SIZE, page_token=token, type=kind)
                page = await self._clients.audit.ListEvents(request)
                for event in page.events:
                    yield _commit(event)
                token = page.next_page_token
                if not token:
                    break

    async def _table(self, kept: Kept) -> list[str]:
        try:
            found = await self._clients.maintenance.CheckDataset(maintenance_pb2.CheckDatasetRequest(dataset=kept.dataset))
        except RemoteError as refused:
            # One dataset's damage: it is named, and the others are looked at all the same.
            if refused.remote_reason != "CORRUPT":
                raise
            return [f"dataset {kept.dataset}: {refused}"]
        recomputed = Recomputed(found.version, found.rows, found.content_hash, list(found.faults))
        return list(agreement.table_faults(kept, recomputed))

    async def _blobs(self, digests: Iterable[str]) -> list[str]:
        turn = asyncio.Semaphore(_BLOBS_AT_A_TIME)

        async def check(digest: str) -> str:
            async with turn:
                return await self._blob_fault(digest)

        return [fault for fault in await asyncio.gather(*map(check, digests)) if fault]

    async def _blob_fault(self, digest: str) -> str:
        sha256 = hashlib.sha256()
        try:
            async for message in self._clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256=digest)):
                sha256.update(message.data)
        except RemoteError as refused:
            if refused.remote_reason in ("BLOB_UNKNOWN", "CORRUPT"):
                return f"blob {digest}: the ledger names it, and storage answers {refused.remote_reason}"
            raise
        found = sha256.hexdigest()
        return "" if found == digest else f"blob {digest}: its bytes hash to {found}"


def _commit(event: audit_pb2.AuditEvent) -> Commit:
    details: dict[str, Any] = json_format.MessageToDict(event.details)
    counts: dict[str, Any] = dict(details.get("counts", {}))
    # A commit that readmits records takes them out of quarantine; the ledger knows no negative number.
    counts["quarantined"] = int(counts.get("quarantined", 0)) - int(details.get("released", 0))
    return Commit(
        dataset=event.subject.partition("/")[2],
        version=int(details.get("dataset_version", 0)),
        work_key=str(details.get("work_key", "")),
        raw_sha256=str(details.get("raw_sha256", "")),
        content_hash=str(details.get("content_hash", "")),
        counts={name: int(counts.get(name, 0)) for name in COUNTS},
        whole=event.type in _WHOLE,
    )
