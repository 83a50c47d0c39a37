"""Verifies a past run: repeats each of its commits, and compares the result with storage and with the ledger. It writes nothing.

Parts are verified one after the other, so that the call needs the memory of one part. It ends when the caller goes away.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf import json_format

from chartly.orchestrator.domain.run import Run
from chartly.orchestrator.domain.verification import VerificationSums, ledger_findings
from chartly.platform.errors import RemoteError
from chartly.platform.rpc.clients import Clients
from chartly.v1 import analytics_pb2, audit_pb2, dataset_pb2, normalizer_pb2
from chartly.v1 import orchestrator_pb2 as pb
from chartly.v1.verify_pb2 import VerifiedPart

_PAGE_SIZE = 500
# A commit's ledger entry follows its table, so it is missing only when it is still missing after this time: longer than the longest pause
# of a delivery, which waits for a ledger that was unavailable.
_LOOKS, _LOOK_AGAIN_S = 70, 0.5
_DAMAGE = frozenset({"CORRUPT", "BLOB_UNKNOWN", "PROFILE_UNKNOWN"})
_GONE = frozenset({"DATASET_UNKNOWN"})


class RunVerification:
    """One verification of one run, with the caller's rights."""

    def __init__(self, run: Run, clients: Clients) -> None:
        self._run = run
        self._clients = clients
        self.sums = VerificationSums()
        """Of the parts so far."""
        self._total = 0

    async def parts(self) -> AsyncIterator[pb.VerifyRunResponse]:
        """Yield each part as it is compared."""
        commits = [commit async for commit in self._commits()]
        entries = await self._entries_of(commits)
        gaps = self._replayed_parts()
        self._total = len(commits) + len(gaps)
        for commit in commits:
            yield self._add(await self._part(commit, entries.get((commit.dataset, commit.version))))
        for part in gaps:
            yield self._add(part)

    def _add(self, part: VerifiedPart) -> pb.VerifyRunResponse:
        self.sums = self.sums.plus(part.verdict, list(part.findings))
        return pb.VerifyRunResponse(part=part, done=self.sums.parts, total=self._total)

    def summary(self) -> pb.VerifyRunResponse:
        """Return the last message: the sums of all parts."""
        sums = self.sums
        return pb.VerifyRunResponse(
            done=sums.parts,
            total=self._total,
            last=True,
            verdict=sums.verdict,
            equal=sums.equal,
            unequal=sums.unequal,
            uncovered=sums.uncovered,
            first_difference=sums.first_difference,
        )

    async def _part(self, commit: dataset_pb2.DatasetCommit, entry: dict[str, Any] | None) -> VerifiedPart:
        part = VerifiedPart(
            kind="chunk", subject=commit.work_key, dataset=commit.dataset, dataset_version=commit.version, raw_sha256=commit.raw_sha256
        )
        try:
            if commit.mode == "append":
                request = normalizer_pb2.VerifyChunkRequest(dataset=commit.dataset, dataset_version=commit.version)
                part = await self._clients.normalizer.VerifyChunk(request)
            elif commit.mode == "replace" and entry is not None:
                part.kind = "rollup"
                part = await self._clients.analytics.VerifyRollup(_rollup(commit, entry["details"]))
            else:
                part.verdict = "uncovered"
                part.findings.append(f"A commit of mode {commit.mode} is not made from one blob; see its own dry run.")
        except RemoteError as refused:
            if refused.remote_reason not in _DAMAGE | _GONE:
                raise
            part.verdict = "unequal" if refused.remote_reason in _DAMAGE else "uncovered"
            part.findings.append(f"{refused.remote_reason}: {refused.remote_message}")
        findings = ledger_findings(_facts(commit), entry["details"] if entry else None)
        if findings:
            part.verdict = "unequal"
            part.findings.extend(findings)
        return part

    async def _commits(self) -> AsyncIterator[dataset_pb2.DatasetCommit]:
        token = ""
        while True:
            request = dataset_pb2.ListRunCommitsRequest(run_id=self._run.run_id, page_size=_PAGE_SIZE, page_token=token)
            answer = await self._clients.dataset.ListRunCommits(request)
            for commit in answer.commits:
                yield commit
            token = answer.next_page_token
            if not token:
                return

    async def _entries_of(self, commits: list[dataset_pb2.DatasetCommit]) -> dict[tuple[str, int], dict[str, Any]]:
        """Return the run's ledger entries by dataset and version. If one of ``commits`` has none, read again for a while."""
        wanted = {(commit.dataset, commit.version) for commit in commits}
        found: dict[tuple[str, int], dict[str, Any]] = {}
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(_LOOK_AGAIN_S)
            found = {(event["dataset"], event["version"]): event async for event in self._ledger_entries()}
            if wanted <= found.keys():
                break
        return found

    async def _ledger_entries(self) -> AsyncIterator[dict[str, Any]]:
        for kind in ("dataset.updated", "dataset.reprocessed"):
            token = ""
            while True:
                request = audit_pb2.ListEventsRequest(run_id=self._run.run_id, type=kind, page_size=_PAGE_SIZE, page_token=token)
                answer = await self._clients.audit.ListEvents(request)
                for event in answer.events:
                    details: dict[str, Any] = json_format.MessageToDict(event.details)
                    dataset = event.subject.partition("/")[2]
                    yield {"dataset": dataset, "version": int(details.get("dataset_version", 0)), "details": details}
                token = answer.next_page_token
                if not token:
                    break

    def _replayed_parts(self) -> list[VerifiedPart]:
        replayed = self._run.counts.replayed
        if not replayed:
            return []
        finding = f"{replayed} of its records are of chunks that earlier runs had committed; verify those runs."
        return [VerifiedPart(kind="run", subject=self._run.run_id, verdict="uncovered", findings=[finding])]


def _facts(commit: dataset_pb2.DatasetCommit) -> dict[str, str]:
    return {
        "work_key": commit.work_key,
        "raw_sha256": commit.raw_sha256,
        "normalizer_hash": commit.normalizer.hash,
        "content_hash": commit.content_hash,
        "chunk_digest": commit.chunk_digest,
        "accepted_digest": commit.accepted_digest,
        "rejected_digest": commit.rejected_digest,
    }


def _rollup(commit: dataset_pb2.DatasetCommit, details: dict[str, Any]) -> analytics_pb2.VerifyRollupRequest:
    inputs: list[dict[str, Any]] = details.get("inputs", [])
    read: dict[str, Any] = inputs[0] if inputs else {}
    request = analytics_pb2.VerifyRollupRequest(dataset=commit.dataset, dataset_version=commit.version)
    request.analytics.hash = str(details.get("analytics_hash", ""))
    request.analytics.ref = str(details.get("analytics_ref", ""))
    request.input.dataset = str(read.get("dataset", ""))
    request.input.version = int(read.get("version", 0))
    request.input.content_hash = str(read.get("content_hash", ""))
    return request
