"""Retries quarantined records: run their bytes through a plan, commit those that pass. One commit a chunk that they came in."""

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.rpc.clients import Clients
from chartly.storage.commit import chunk_rows
from chartly.storage.commit.chunk import StagedFiles
from chartly.storage.commit.chunk_rows import ChunkRow
from chartly.storage.commit.write_folders import WriteFolders
from chartly.storage.errors import QuarantineUnknown
from chartly.storage.model import DatasetKey, DedupePolicy, FrozenRef, Origin, QuarantineStatus, Submission
from chartly.storage.names import chunk_in
from chartly.storage.table import columns as c
from chartly.storage.wire import dedupe_policy
from chartly.v1 import common_pb2, normalizer_pb2

from . import status_rows
from .actions import QuarantineActions
from .profile_version import another_version, not_older
from .reader import QuarantinedRecord
from .readmit import Readmission
from .records import QuarantineRecords
from .states import Returning, attempts_of, work_key


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A retry or release: by whom, with which profile and edit."""

    scope: Scope
    principal: str
    """The principal that the ledger names."""
    normalizer: FrozenRef | None = None
    """Another version of the profile; None for each record's own."""
    justification: str = ""
    edit: bytes = b""
    """The corrected record of a release; empty for the record's own bytes."""
    before_sha256: str = ""
    """Digest of the record before the correction."""


class RecordRetry:
    """Retries records. One event loop only."""

    def __init__(
        self, records: QuarantineRecords, actions: QuarantineActions, folders: WriteFolders, clients: Clients, metadata: Metadata
    ) -> None:
        self._records = records
        self._actions = actions
        self._folders = folders
        self._clients = clients
        self._metadata = metadata

    async def profile(self, ref: str) -> FrozenRef | None:
        """Return the resolved profile of a reference; None for the empty one.

        Raises:
            RemoteError: the registry refuses the reference.
        """
        return await another_version(self._clients, ref) if ref else None

    async def run(self, attempt: Attempt, group: list[QuarantinedRecord]) -> list[QuarantineStatus]:
        """Retry records of one chunk, and return their status.

        Raises:
            QuarantineUnknown: no version of the dataset holds the chunk.
            InvalidRequest: the attempt's profile is another profile than the chunk's, or an older version of it.
        """
        scope, row = attempt.scope, group[0].row
        key = DatasetKey(scope.tenant, scope.project, row["dataset"])
        ids = [held.row["quarantine_id"] for held in group]
        original = await self._metadata.read(chunk_rows.made_by, key, row["sequence"], chunk_in(row["quarantine_id"]))
        if original is None:
            raise QuarantineUnknown(row["quarantine_id"])
        normalizer = not_older(attempt.normalizer, original.origin.normalizer)
        async with self._folders.temporary() as folder:
            staged, policy = await self._normalize(attempt, ids, original.origin, normalizer, folder)
            origin = replace(original.origin, normalizer=normalizer, dedupe_policy=policy)
            await self._actions.readmit(_readmission(attempt, key, group, original, origin, staged))
        statuses = await self._metadata.read(status_rows.find, scope.tenant, scope.project, ids)
        return [statuses[each] for each in ids if each in statuses]

    async def _normalize(
        self, attempt: Attempt, quarantine_ids: list[str], origin: Origin, normalizer: FrozenRef, folder: Path
    ) -> tuple[StagedFiles, DedupePolicy]:
        """Run the records through the plan; return its files and its dedupe policy."""
        records = [
            normalizer_pb2.PlacedRecord(
                content=attempt.edit or payload,
                line=held.row[c.RAW_LINE],
                offset=held.row[c.RAW_OFFSET],
                length=held.row[c.RAW_LENGTH],
            )
            for held, payload in await self._records.payloads(attempt.scope, quarantine_ids)
        ]
        answer = await self._clients.normalizer.RunRecords(
            normalizer_pb2.RunRecordsRequest(
                source_id=origin.source_id,
                normalizer=common_pb2.FrozenProfile(ref=normalizer.ref, hash=normalizer.hash),
                records=records,
                staging_uri=folder.as_uri(),
                raw_sha256=origin.raw_sha256,
            )
        )
        return StagedFiles(folder, answer.accepted_file, answer.rejected_file), dedupe_policy(answer.dedupe_policy)


def chunks_of(records: Iterable[QuarantinedRecord]) -> list[list[QuarantinedRecord]]:
    """Group records by the chunk that they came in. Records of one chunk are neighbours in a listing."""
    return [list(group) for _, group in itertools.groupby(records, key=_chunk)]


def _chunk(held: QuarantinedRecord) -> tuple[str, int, str]:
    return held.row["dataset"], held.row["sequence"], chunk_in(held.row["quarantine_id"])


def _readmission(
    attempt: Attempt, key: DatasetKey, group: list[QuarantinedRecord], chunk: ChunkRow, origin: Origin, staged: StagedFiles
) -> Readmission:
    edit_sha256 = hashlib.sha256(attempt.edit).hexdigest() if attempt.edit else ""
    records = tuple(
        Returning(
            quarantine_id=held.row["quarantine_id"],
            offset=held.row[c.RAW_OFFSET],
            attempt=attempts_of(held.status) + 1,
            edit_sha256=edit_sha256,
        )
        for held in group
    )
    work = work_key(key.dataset, origin.normalizer.hash, records)
    return Readmission(
        key=key,
        submission=Submission(work_key=work, submission_id=work, run_id=group[0].row["run_id"]),
        origin=replace(origin, records_in=len(records), edit_sha256=edit_sha256),
        staged=staged,
        records=records,
        chunk=chunk,
        principal=attempt.principal,
        justification=attempt.justification,
        before_sha256=attempt.before_sha256,
        after_sha256=edit_sha256,
    )
