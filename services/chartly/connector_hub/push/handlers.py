"""Ingest and IngestStream over gRPC: decode, ingest, encode. A stream is cut into pushes here, each stored while the next arrives."""

from collections import deque
from collections.abc import AsyncIterator

from google.api.httpbody_pb2 import HttpBody

from chartly.connector_hub.domain.push import NDJSON, is_lines, media_type
from chartly.connector_hub.errors import PushTooLarge
from chartly.connector_hub.store.inbox import COMMITTED, Push
from chartly.platform.config import Limits
from chartly.platform.errors import ChartlyError, FieldViolation, InvalidRequest, RemoteError, Violations
from chartly.platform.identity.scope import Scope, current_scope
from chartly.platform.json.lines import Cutter, LineTooLong
from chartly.platform.rpc.call import Context, content_encoding, idempotency_key
from chartly.v1 import common_pb2
from chartly.v1 import connector_hub_pb2 as pb

from .ingest import PushIngest
from .push_sources import ResolvedSource
from .unpacking import StreamUnpacker, stream_codings

# A stream answers with its last pushes; a list of all would have no bound.
_PUSHES_LISTED_MAX = 1_000
# Separates a stream's idempotency key from the number of a push; both together must fit into a key.
_KEY_MARK = "#"


class IngestHandlers:
    """Ingest and IngestStream."""

    def __init__(self, pushes: PushIngest, limits: Limits) -> None:
        self._pushes = pushes
        self._limits = limits

    async def Ingest(self, request: pb.IngestRequest, context: Context) -> pb.IngestResponse:
        """Ingest one push."""
        async with self._pushes.in_time():
            known = await self._pushes.source(current_scope(), request.source_id)
            body, content_type = request.body.data, request.body.content_type
            # The message stays with the call while it waits for a commit; its bytes need not.
            request.ClearField("body")
            body = await self._pushes.unpack(known, body, content_encoding(context))
            push, is_new = await self._pushes.push(current_scope(), known, body, content_type, idempotency_key(context))
            del body
        if request.wait == "committed":
            push = await self._pushes.wait_committed(push)
        return encode(push, repeated=not is_new)

    async def IngestStream(self, request_iterator: AsyncIterator[pb.IngestStreamRequest], context: Context) -> pb.IngestStreamResponse:
        """Cut a stream into pushes, and ingest each."""
        taken = _Taken(self._pushes, current_scope(), idempotency_key(context))
        try:
            await self._read(request_iterator, taken, stream_codings(content_encoding(context)))
        except ChartlyError as failure:
            if not taken.answer.pushes_taken:
                raise
            raise _with_taken(failure, taken.answer.pushes_taken) from failure
        taken.answer.pushes.extend(taken.last)
        return taken.answer

    async def _read(self, messages: AsyncIterator[pb.IngestStreamRequest], taken: "_Taken", codings: tuple[str, ...]) -> None:
        unpacker = StreamUnpacker(codings)
        known: ResolvedSource | None = None
        cutter: Cutter | None = None
        async for message in messages:
            if known is None or cutter is None:
                _check_first(message)
                known = await self._pushes.source(taken.scope, message.source_id)
                bytes_max = self._pushes.bytes_max(known)
                cutter = Cutter(min(self._limits.push_stream_page_bytes, bytes_max), bytes_max, self._limits.chunk_records_max)
            elif message.source_id not in ("", known.source.source_id):
                raise InvalidRequest(violations=(FieldViolation("source_id", "must be the same in all messages of a stream"),))
            try:
                for piece in unpacker.feed(message.body.data):
                    for page in cutter.feed(piece):
                        await taken.push(known, page)
            except LineTooLong as long:
                raise PushTooLarge(known.source.source_id, self._pushes.bytes_max(known)) from long
        if known is None or cutter is None:
            raise InvalidRequest(violations=(FieldViolation("source_id", "is required"),))
        unpacker.finish()
        await taken.push_rest(known, cutter)


class _Taken:
    """The pushes of a stream that were ingested so far."""

    def __init__(self, pushes: PushIngest, scope: Scope, key: str) -> None:
        self.scope = scope
        self.answer = pb.IngestStreamResponse()
        self.last: deque[pb.IngestResponse] = deque(maxlen=_PUSHES_LISTED_MAX)
        self._pushes = pushes
        self._key = key

    async def push(self, known: ResolvedSource, page: bytes) -> None:
        """Ingest one push of the stream."""
        key = f"{self._key}{_KEY_MARK}{self.answer.pushes_taken}" if self._key else ""
        push, is_new = await self._pushes.push_with_retries(self.scope, known, page, NDJSON, key)
        self.answer.pushes_taken += 1
        self.answer.records_received += push.records
        self.answer.size_bytes += push.size_bytes
        self.last.append(encode(push, repeated=not is_new))

    async def push_rest(self, known: ResolvedSource, cutter: Cutter) -> None:
        """Ingest what is left at the end of the stream. A stream without any record is refused as an empty push is."""
        for page in cutter.rest():
            if not page.isspace():
                await self.push(known, page)
        if not self.answer.pushes_taken:
            await self.push(known, b"")


def encode(push: Push, *, repeated: bool) -> pb.IngestResponse:
    """Encode a push as its client's answer."""
    committed = push.state == COMMITTED
    return pb.IngestResponse(
        raw_ref=common_pb2.RawRef.FromString(push.raw),
        work_key=push.work_key,
        records_received=push.records,
        state="committed" if committed else "durable",
        counts=common_pb2.RecordCounts.FromString(push.counts) if committed else None,
        repeated=repeated,
    )


def _check_first(message: pb.IngestStreamRequest) -> None:
    wrong = Violations()
    wrong.require("source_id", present=message.source_id)
    body: HttpBody = message.body
    if not is_lines(media_type(body.content_type)):
        wrong.add("body.content_type", "must be application/x-ndjson: a stream is cut into pushes at line ends")
    wrong.raise_if_any()


def _with_taken(failure: ChartlyError, pushes_taken: int) -> RemoteError:
    """Return the same error with the number of pushes that were ingested before it."""
    remote = failure if isinstance(failure, RemoteError) else None
    return RemoteError(
        "connector_hub",
        remote.remote_code if remote else failure.code,
        remote.remote_reason if remote else failure.reason,
        failure.message,
        failure.facts() | {"pushes_taken": str(pushes_taken)},
        getattr(failure, "violations", ()),
        getattr(failure, "retry_after_s", None),
    )
