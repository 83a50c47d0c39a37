"""Serves ``QuarantineService``: list, get, retry, release and discard quarantined records."""

import hashlib
import itertools

from chartly.platform.blocking import Blocking
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.identity.policy import allows
from chartly.platform.identity.scope import current_scope
from chartly.platform.rpc.call import Context
from chartly.platform.rpc.paging import page_size
from chartly.storage.commit.chunk_rows import withdrawn_name
from chartly.storage.errors import BadFilter, QuarantineSettled, QuarantineUnknown
from chartly.storage.names import QUARANTINE_ID, chunk_in
from chartly.storage.raw.repository import BlobRepository
from chartly.storage.wire import acting_principal, dataset_key
from chartly.v1 import quarantine_pb2 as pb
from chartly.v1.quarantine_pb2_grpc import QuarantineServiceServicer

from . import wire
from .actions import QuarantineActions
from .edit import apply_edit
from .reader import QuarantinedRecord
from .records import QuarantineRecords
from .retry import Attempt, RecordRetry, chunks_of
from .selection import position_in, record_filter, select, token_of
from .states import STATES, WAITING, State, state_of

_UNSEAL = "quarantine.unseal"


class QuarantineHandlers(QuarantineServiceServicer):
    """The calls of ``QuarantineService``."""

    def __init__(
        self,
        records: QuarantineRecords,
        retry: RecordRetry,
        actions: QuarantineActions,
        blobs: BlobRepository,
        blocking: Blocking,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._records = records
        self._retry = retry
        self._actions = actions
        self._blobs = blobs
        self._blocking = blocking
        self._clock = clock
        self._limits = limits

    async def ListQuarantinedRecords(
        self, request: pb.ListQuarantinedRecordsRequest, context: Context
    ) -> pb.ListQuarantinedRecordsResponse:
        """List newest first."""
        size = page_size(request.page_size)
        if request.state and request.state not in STATES:
            raise BadFilter("state is not open, retried, released or discarded")
        asked = record_filter(request, frozenset({request.state}) if request.state else frozenset())
        found, last = await self._records.page(current_scope(), asked, position_in(request.page_token), size)
        return pb.ListQuarantinedRecordsResponse(records=map(wire.record, found), next_page_token=token_of(last) if last else "")

    async def GetQuarantinedRecord(self, request: pb.GetQuarantinedRecordRequest, context: Context) -> pb.QuarantinedRecord:
        """Return one record with its payload; a sealed payload only to callers who may unseal."""
        if not QUARANTINE_ID.fullmatch(request.quarantine_id):
            raise QuarantineUnknown(request.quarantine_id[:64])
        scope = current_scope()
        held = await self._records.get(scope, request.quarantine_id)
        if wire.is_sealed(held) and not allows(scope.roles, _UNSEAL):
            return wire.record(held)
        payload = await self._records.payload(scope, held)
        # A record above the bound is in quarantine for its size; its beginning is enough to recognize it.
        return wire.record(held, payload[: self._limits.record_bytes_max].decode("utf-8", "replace"))

    async def RetryQuarantined(self, request: pb.RetryQuarantinedRequest, context: Context) -> pb.RetryQuarantinedResponse:
        """Retry records, one commit a chunk that they came in. With a filter, stop at half of the call's deadline."""
        until_s = self._clock.monotonic_s() + self._limits.rpc_deadline_s / 2
        chosen, token = await select(self._records, request, self._limits.quarantine_batch_max)
        settled = [held.status for held in chosen if held.status is not None and state_of(held.status) not in WAITING]
        for status in settled:
            if status.state == State.DISCARDED:
                raise QuarantineSettled(status.quarantine_id, status.state)
        outcomes = [wire.outcome(status) for status in settled]
        attempt = Attempt(scope=current_scope(), principal=acting_principal(), normalizer=await self._retry.profile(request.normalizer_ref))
        last: QuarantinedRecord | None = None
        for group in chunks_of(held for held in chosen if state_of(held.status) in WAITING):
            if last is not None and request.HasField("filter") and self._clock.monotonic_s() >= until_s:
                token = token_of(last.position)
                break
            outcomes += map(wire.outcome, await self._retry.run(attempt, group))
            last = group[-1]
        return pb.RetryQuarantinedResponse(outcomes=outcomes, next_page_token=token)

    async def ReleaseQuarantined(self, request: pb.ReleaseQuarantinedRequest, context: Context) -> pb.ReleaseQuarantinedResponse:
        """Correct one record and commit it. The correction is stored as a blob before the commit."""
        scope = current_scope()
        held = await self._records.get(scope, request.quarantine_id)
        before = await self._records.payload(scope, held)
        edited = apply_edit(request, before, self._limits.record_bytes_max)
        before_sha256, after_sha256 = hashlib.sha256(before).hexdigest(), hashlib.sha256(edited).hexdigest()
        status = held.status
        if status is None or state_of(status) in WAITING:
            normalizer = await self._retry.profile(request.normalizer_ref)
            await self._blocking.run(
                self._blobs.put,
                (scope.tenant, scope.project),
                edited,
                content_type="application/json",
                source_id=held.row["source_id"],
            )
            attempt = Attempt(
                scope=scope,
                principal=acting_principal(),
                normalizer=normalizer,
                justification=request.justification,
                edit=edited,
                before_sha256=before_sha256,
            )
            status = (await self._retry.run(attempt, [held]))[0]
        if status.state == State.DISCARDED or status.after_sha256 != after_sha256:
            raise QuarantineSettled(status.quarantine_id, status.state)
        return pb.ReleaseQuarantinedResponse(outcome=wire.outcome(status), before_sha256=before_sha256, after_sha256=after_sha256)

    async def DiscardQuarantined(self, request: pb.DiscardQuarantinedRequest, context: Context) -> pb.DiscardQuarantinedResponse:
        """Discard records, one transaction a dataset."""
        chosen, token = await select(self._records, request, self._limits.quarantine_batch_max)
        outcomes: list[pb.QuarantineOutcome] = []
        for dataset, group in itertools.groupby(sorted(chosen, key=_dataset), key=_dataset):
            chunks = {held.row["quarantine_id"]: _chunk_name(held) for held in group}
            statuses = await self._actions.discard(dataset_key(dataset), chunks, acting_principal(), request.justification)
            outcomes += map(wire.outcome, statuses)
        return pb.DiscardQuarantinedResponse(outcomes=outcomes, next_page_token=token)


def _dataset(held: QuarantinedRecord) -> str:
    return held.row["dataset"]


def _chunk_name(held: QuarantinedRecord) -> str:
    """Return the name of the chunk that holds the record's row."""
    return withdrawn_name(_dataset(held), held.row["sequence"], chunk_in(held.row["quarantine_id"]))
