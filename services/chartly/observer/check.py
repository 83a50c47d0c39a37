"""Checks one project: reads ledger, datasets and raw blobs page by page, and lets ``agreement`` compare them. It repairs nothing.

Bounded in memory (one page, one bit a version, a bounded number of datasets, blobs and findings) and in time. What a bound leaves out of
the tables and blobs is read first by the next check.
"""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format

from chartly.platform.clock import Clock
from chartly.platform.config import Config
from chartly.platform.errors import RemoteError
from chartly.platform.rpc.clients import Clients
from chartly.v1 import audit_pb2, blob_pb2, dataset_pb2, maintenance_pb2

from .agreement import COUNTS, Described, Finding, LedgerCommit, LedgerComparison, Recomputed, table_findings, unknown_dataset

FINDINGS_MAX = 1_000
"""Findings that a check returns. More of them would not help."""

# A new version of a dataset is a commit, or a reprocess or rollback of the whole of it.
_UPDATED, _WHOLE = "dataset.updated", ("dataset.reprocessed", "dataset.rolled_back")
# Blobs read at a time: it hides the latency of the calls without filling the threads of the store.
_BLOBS_AT_A_TIME = 4
# A commit's ledger entry can follow its table by a moment, so a disagreement counts only when it stays for this long.
_LOOKS, _LOOK_AGAIN_S = 4, 0.5


@dataclass
class ConsistencyReport:
    """What a check read, and what does not agree."""

    datasets: int = 0
    commits: int = 0
    blobs: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])
    complete: bool = True
    """Whether no bound ended the check before all was read."""

    def add(self, finding: Finding) -> None:
        """Store a finding, up to the bound."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(finding)


@dataclass
class Position:
    """Where the next check of a project goes on."""

    dataset: str = ""
    """The last dataset whose table was read; empty: from the first one."""
    blobs: str = ""
    """Page token of the ledger entries whose blobs are checked next; empty for the first page."""


class OutOfTimeError(Exception):
    """The check's time is over."""


class ConsistencyCheck:
    """One check of one project, with the rights of the service itself."""

    def __init__(self, clients: Clients, config: Config, clock: Clock, position: Position, time_s: float) -> None:
        self._clients = clients
        self._config = config.observer
        self._page_size = min(config.observer.check_page_size, config.limits.page_size_max)
        self._clock = clock
        self._position = position
        self._ends_s = clock.monotonic_s() + time_s
        self._report = ConsistencyReport()

    async def run(self, *, verify_log: bool) -> ConsistencyReport:
        """Check the project; ``verify_log`` says whether the whole ledger, which all projects share, is verified as well.

        Raises:
            RemoteError: a service refused or is away; that is no finding.
        """
        report = self._report
        try:
            described = await self._ledger()
            await self._tables(described)
            await self._blobs()
        except OutOfTimeError:
            report.complete = False
        if verify_log:
            log = await self._clients.audit.VerifyLog(audit_pb2.VerifyLogRequest())
            for fault in log.faults:
                report.add(Finding("", 0, "ledger", fault))
        return report

    def _check_time(self) -> None:
        if self._clock.monotonic_s() >= self._ends_s:
            raise OutOfTimeError

    async def _ledger(self) -> list[Described]:
        """Compare the datasets with the ledger; repeat it while an entry may still be on its way."""
        described: list[Described] = []
        findings: list[Finding] = []
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(_LOOK_AGAIN_S)
            # The datasets are read first: entries of what is committed after that have a later version, and are skipped.
            described, all_read = await self._described()
            findings, commits = await self._compare(described, all_read=all_read)
            self._report.datasets, self._report.commits = len(described), commits
            if not findings:
                break
        for finding in findings:
            self._report.add(finding)
        return described

    async def _compare(self, described: list[Described], *, all_read: bool) -> tuple[list[Finding], int]:
        comparisons = {each.dataset: LedgerComparison(each) for each in described}
        unknown: dict[str, Finding] = {}
        commits = 0
        for kind in (*_WHOLE, _UPDATED):
            async for entries, _ in self._entries(kind):
                commits += len(entries)
                for entry in entries:
                    comparison = comparisons.get(entry.dataset)
                    if comparison is not None:
                        comparison.add(entry)
                    elif all_read and len(unknown) < FINDINGS_MAX:
                        unknown.setdefault(entry.dataset, unknown_dataset(entry))
        found = [finding for comparison in comparisons.values() for finding in comparison.findings()]
        return [*found, *unknown.values()], commits

    async def _described(self) -> tuple[list[Described], bool]:
        """Read the datasets, up to the bound; and whether these are all."""
        found: list[Described] = []
        token = ""
        while True:
            self._check_time()
            request = dataset_pb2.ListDatasetsRequest(page_size=self._page_size, page_token=token)
            page = await self._clients.dataset.ListDatasets(request)
            for each in page.datasets:
                if len(found) == self._config.check_datasets_max:
                    self._report.complete = False
                    return found, False
                counts = {name: getattr(each.counts, name) for name in COUNTS}
                found.append(Described(each.dataset, each.version, each.rows, each.content_hash, counts, each.derived))
            token = page.next_page_token
            if not token:
                return found, True

    async def _entries(self, kind: str, token: str = "", entries_max: int = sys.maxsize) -> AsyncIterator[tuple[list[LedgerCommit], str]]:
        """Read the entries of a kind from a page on; each page with its own token."""
        page_size = min(self._page_size, entries_max)
        while True:
            self._check_time()
            request = audit_pb2.ListEventsRequest(page_size=page_size, page_token=token, type=kind)
            page = await self._clients.audit.ListEvents(request)
            yield [_entry(event) for event in page.events], token
            token = page.next_page_token
            if not token:
                return

    async def _tables(self, described: list[Described]) -> None:
        """Compare the tables with their descriptions, beginning behind the table that the last check read last."""
        behind = [each for each in described if each.dataset > self._position.dataset]
        for each in [*behind, *described[: len(described) - len(behind)]]:
            self._check_time()
            await self._table(each)
            self._position.dataset = each.dataset
        self._position.dataset = ""

    async def _table(self, described: Described) -> None:
        try:
            request = maintenance_pb2.CheckDatasetRequest(dataset=described.dataset)
            found = await self._clients.maintenance.CheckDataset(request)
        except RemoteError as refused:
            # The damage of one dataset is a finding, and the other datasets are checked all the same.
            if refused.remote_reason != "CORRUPT":
                raise
            self._report.add(Finding(described.dataset, described.version, "table", str(refused)))
            return
        for finding in table_findings(described, Recomputed(found.version, found.rows, found.content_hash, list(found.faults))):
            self._report.add(finding)

    async def _blobs(self) -> None:
        """Hash the raw blobs of the ledger's entries, from where the last check ended, up to the bound."""
        hashed: set[str] = set()
        began_at = self._position.blobs
        if began_at:
            self._report.complete = False
        blobs_max = self._config.check_blobs_max
        async for entries, token in self._entries(_UPDATED, began_at, blobs_max):
            self._position.blobs = token
            fresh = {entry.raw_sha256: entry for entry in entries if entry.raw_sha256 and entry.raw_sha256 not in hashed}
            if len(hashed) + len(fresh) > blobs_max:
                self._report.complete = False
                return
            await self._hash(list(fresh.values()))
            hashed.update(fresh)
            self._report.blobs = len(hashed)
        self._position.blobs = ""

    async def _hash(self, entries: list[LedgerCommit]) -> None:
        for start in range(0, len(entries), _BLOBS_AT_A_TIME):
            self._check_time()
            some = entries[start : start + _BLOBS_AT_A_TIME]
            for finding in await asyncio.gather(*map(self._blob, some)):
                if finding is not None:
                    self._report.add(finding)

    async def _blob(self, entry: LedgerCommit) -> Finding | None:
        digest, sha256 = entry.raw_sha256, hashlib.sha256()
        place = f"blob {digest}"
        try:
            async for message in self._clients.blob.GetBlob(blob_pb2.GetBlobRequest(sha256=digest)):
                sha256.update(message.data)
        except RemoteError as refused:
            if refused.remote_reason in ("BLOB_UNKNOWN", "CORRUPT"):
                problem = f"ledger entry {entry.index} names the blob, but storage answers {refused.remote_reason}"
                return Finding(entry.dataset, entry.version, place, problem)
            raise
        found = sha256.hexdigest()
        return None if found == digest else Finding(entry.dataset, entry.version, place, f"the blob's bytes have the SHA-256 {found}")


def _entry(event: audit_pb2.AuditEvent) -> LedgerCommit:
    details: dict[str, Any] = json_format.MessageToDict(event.details)
    counts: dict[str, Any] = dict(details.get("counts", {}))
    # A commit that readmits records takes them out of quarantine; the ledger has no negative numbers.
    counts["quarantined"] = int(counts.get("quarantined", 0)) - int(details.get("released", 0))
    return LedgerCommit(
        index=event.index,
        dataset=event.subject.partition("/")[2],
        version=int(details.get("dataset_version", 0)),
        raw_sha256=str(details.get("raw_sha256", "")),
        content_hash=str(details.get("content_hash", "")),
        counts={name: int(counts.get(name, 0)) for name in COUNTS},
        whole=event.type in _WHOLE,
    )
