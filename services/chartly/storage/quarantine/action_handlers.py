"""The way back from quarantine over the wire: retry, release with an edit, discard. What is decided, the dataset's lane decides."""

import hashlib
import itertools
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from chartly.platform.errors import FieldViolation, InvalidRequest
from chartly.platform.identity.scope import Scope, current_scope
from chartly.platform.rpc.call import Context
from chartly.storage import encode
from chartly.storage.commit import chunk_rows
from chartly.storage.commit.chunk import Staged
from chartly.storage.commit.chunk_rows import ChunkRow, withdrawn_name
from chartly.storage.errors import QuarantineSettled, QuarantineUnknown
from chartly.storage.handler_base import Handlers
from chartly.storage.model import DatasetKey, DedupePolicy, Frozen, Origin, QuarantineStatus, Submission
from chartly.storage.names import chunk_in
from chartly.storage.raw.handlers import put_blob
from chartly.storage.table import columns as c
from chartly.v1 import blob_pb2, common_pb2, normalizer_pb2, quarantine_pb2

from . import status_rows
from .discard import discard
from .handlers import position_in, token_of, wanted
from .json_patch import PatchRefused, merged, patched
from .profile_version import another_version, not_older
from .reader import Held
from .readmission import readmit
from .readmit import Readmission
from .states import WAITING, Returning, State, attempts_of, state_of, work_key

_POLICIES: dict[str, DedupePolicy] = {"first": "first", "last": "last", "quarantine": "quarantine"}


@dataclass(frozen=True)
class _Act:
    """Who tries records again, with what."""

    scope: Scope
    normalizer: Frozen | None
    """Another version of the profile; None for each record's own."""
    justification: str = ""
    edit: bytes = b""
    """The corrected record, of a release."""
    before_sha256: str = ""
    """Of the record before it was corrected."""

    @property
    def principal(self) -> str:
        """Who answers for it."""
        return self.scope.on_behalf_of or self.scope.principal


class WayBackHandlers(Handlers):
    """RetryQuarantined, ReleaseQuarantined and DiscardQuarantined."""

    async def RetryQuarantined(
        self, request: quarantine_pb2.RetryQuarantinedRequest, context: Context
    ) -> quarantine_pb2.RetryQuarantinedResponse:
        """Run records through a plan again, one commit a chunk that they came in, until the call's time is half over."""
        scope, clock = current_scope(), self._rooms.clock
        until_s = clock.monotonic_s() + self._rooms.limits.rpc_deadline_s / 2
        chosen, token = await self._chosen(request)
        settled = [held.status for held in chosen if held.status is not None and state_of(held.status) not in WAITING]
        for status in settled:
            if status.state == State.DISCARDED:
                raise QuarantineSettled(status.quarantine_id, status.state)
        outcomes = [encode.outcome(status) for status in settled]
        waiting = [held for held in chosen if state_of(held.status) in WAITING]
        normalizer = await another_version(self._rooms.clients, request.normalizer_ref) if request.normalizer_ref else None
        act, done = _Act(scope, normalizer), waiting[:0]
        for group in _chunks(waiting):
            if done and request.HasField("filter") and clock.monotonic_s() >= until_s:
                token = token_of(done[-1].position)
                break
            outcomes += map(encode.outcome, await self._readmit(act, group))
            done = group
        return quarantine_pb2.RetryQuarantinedResponse(outcomes=outcomes, next_page_token=token)

    async def ReleaseQuarantined(
        self, request: quarantine_pb2.ReleaseQuarantinedRequest, context: Context
    ) -> quarantine_pb2.ReleaseQuarantinedResponse:
        """Correct one record and commit it."""
        scope, rooms = current_scope(), self._rooms
        held = (await rooms.blocking.run(rooms.quarantined.records, scope.tenant, scope.project, [request.quarantine_id], payloads=True))[0]
        before = await rooms.blocking.run(rooms.payloads.read, scope.tenant, scope.project, held.row)
        edited = self._edited(request, before)
        hashes = (hashlib.sha256(before).hexdigest(), hashlib.sha256(edited).hexdigest())
        status = held.status
        if status is None or state_of(status) in WAITING:
            normalizer = await another_version(rooms.clients, request.normalizer_ref) if request.normalizer_ref else None
            header = blob_pb2.BlobHeader(content_type="application/json", source_id=held.row["source_id"])
            await rooms.blocking.run(put_blob, rooms, scope, header, edited)
            act = _Act(scope, normalizer, request.justification, edited, hashes[0])
            status = (await self._readmit(act, [held]))[0]
        if status.state == State.DISCARDED or status.after_sha256 != hashes[1]:
            raise QuarantineSettled(status.quarantine_id, status.state)
        return quarantine_pb2.ReleaseQuarantinedResponse(outcome=encode.outcome(status), before_sha256=hashes[0], after_sha256=hashes[1])

    async def DiscardQuarantined(
        self, request: quarantine_pb2.DiscardQuarantinedRequest, context: Context
    ) -> quarantine_pb2.DiscardQuarantinedResponse:
        """Give records up, one transaction a dataset."""
        scope, rooms = current_scope(), self._rooms
        chosen, token = await self._chosen(request)
        principal = _Act(scope, None).principal
        outcomes: list[quarantine_pb2.QuarantineOutcome] = []
        for dataset, group in itertools.groupby(sorted(chosen, key=_dataset), key=_dataset):
            key = DatasetKey(scope.tenant, scope.project, dataset)
            chunks = {held.row["quarantine_id"]: withdrawn_name(dataset, held.row["sequence"], _chunk(held)) for held in group}

            def give_up(key: DatasetKey = key, chunks: dict[str, str] = chunks) -> list[QuarantineStatus]:
                rooms.committer.recover(key)
                return discard(rooms.metadata, key, chunks, principal, request.justification, rooms.clock.now())

            outcomes += map(encode.outcome, await rooms.lanes.run(key, give_up))
        rooms.ledger.follow()
        return quarantine_pb2.DiscardQuarantinedResponse(outcomes=outcomes, next_page_token=token)

    async def _chosen(
        self, request: quarantine_pb2.RetryQuarantinedRequest | quarantine_pb2.DiscardQuarantinedRequest
    ) -> tuple[list[Held], str]:
        """Read what ids or filter name, and where the filter's next page begins."""
        rooms, scope, ids = self._rooms, current_scope(), list(dict.fromkeys(request.quarantine_ids))
        most = rooms.limits.quarantine_batch_max
        if bool(ids) == request.HasField("filter"):
            raise InvalidRequest(violations=(FieldViolation("quarantine_ids", "set either ids or a filter"),))
        if ids:
            return await rooms.blocking.run(rooms.quarantined.records, scope.tenant, scope.project, ids), ""
        asked, after = wanted(request.filter, frozenset(WAITING)), position_in(request.page_token)
        found, last = await rooms.blocking.run(rooms.quarantined.page, scope.tenant, scope.project, asked, after, most)
        return found, token_of(last) if last else ""

    async def _readmit(self, act: _Act, group: list[Held]) -> list[QuarantineStatus]:
        """Try records of one chunk; gives where they stand then."""
        rooms, scope, row = self._rooms, act.scope, group[0].row
        key = DatasetKey(scope.tenant, scope.project, row["dataset"])
        ids = [held.row["quarantine_id"] for held in group]
        original = await rooms.metadata.read(chunk_rows.made_by, key, row["sequence"], _chunk(group[0]))
        if original is None:
            raise QuarantineUnknown(row["quarantine_id"])
        normalizer = not_older(act.normalizer, original.origin.normalizer)
        folder = await rooms.blocking.run(rooms.staging.make, secrets.token_hex(16))
        try:
            records = await rooms.blocking.run(self._placed, act, ids)
            answer = await rooms.clients.normalizer.RunRecords(
                normalizer_pb2.RunRecordsRequest(
                    source_id=original.origin.source_id,
                    normalizer=common_pb2.FrozenProfile(ref=normalizer.ref, hash=normalizer.hash),
                    records=records,
                    staging_uri=folder.as_uri(),
                )
            )
            staged = Staged(folder, answer.accepted_file, answer.rejected_file)
            origin = replace(original.origin, normalizer=normalizer, dedupe_policy=_POLICIES[answer.dedupe_policy])
            readmission = _readmission(act, key, group, original, origin, staged)
            await rooms.lanes.run(key, readmit, rooms.committer, rooms.metadata, rooms.clock, readmission)
        finally:
            await rooms.blocking.run(rooms.staging.drop, folder.name)
        rooms.ledger.follow()
        rooms.upkeep.committed(key)
        statuses = await rooms.metadata.read(status_rows.find, scope.tenant, scope.project, ids)
        return [statuses[each] for each in ids if each in statuses]

    def _placed(self, act: _Act, quarantine_ids: list[str]) -> list[normalizer_pb2.PlacedRecord]:
        scope, rooms = act.scope, self._rooms
        found = rooms.quarantined.records(scope.tenant, scope.project, quarantine_ids, payloads=True)
        return [
            normalizer_pb2.PlacedRecord(
                content=act.edit or rooms.payloads.read(scope.tenant, scope.project, held.row),
                line=held.row[c.RAW_LINE],
                offset=held.row[c.RAW_OFFSET],
                length=held.row[c.RAW_LENGTH],
            )
            for held in found
        ]

    def _edited(self, request: quarantine_pb2.ReleaseQuarantinedRequest, before: bytes) -> bytes:
        kind = request.WhichOneof("edit")
        try:
            if kind == "record":
                edited = request.record.encode()
            else:
                apply, patch = (patched, request.json_patch) if kind == "json_patch" else (merged, request.merge_patch)
                edited = apply(before.decode(), patch).encode()
        except PatchRefused as refused:
            raise InvalidRequest(violations=(FieldViolation(f"edit.{kind}", str(refused)),)) from refused
        except UnicodeError as malformed:
            rule = "the record is not UTF-8, so that no patch fits it: give the whole record instead"
            raise InvalidRequest(violations=(FieldViolation(f"edit.{kind}", rule),)) from malformed
        most = self._rooms.limits.record_bytes_max
        if not 1 <= len(edited) <= most:
            raise InvalidRequest(violations=(FieldViolation(f"edit.{kind}", f"must give a record of 1 to {most} bytes"),))
        return edited


def _readmission(act: _Act, key: DatasetKey, group: list[Held], chunk: ChunkRow, origin: Origin, staged: Staged) -> Readmission:
    edit_sha256 = hashlib.sha256(act.edit).hexdigest() if act.edit else ""
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
        principal=act.principal,
        justification=act.justification,
        before_sha256=act.before_sha256,
        after_sha256=edit_sha256,
    )


def _chunks(waiting: Iterable[Held]) -> list[list[Held]]:
    """Put records of one chunk together: they lie beside each other in the order of a listing."""
    return [list(group) for _, group in itertools.groupby(waiting, key=lambda held: (_dataset(held), held.row["sequence"], _chunk(held)))]


def _dataset(held: Held) -> str:
    return held.row["dataset"]


def _chunk(held: Held) -> str:
    return chunk_in(held.row["quarantine_id"])
