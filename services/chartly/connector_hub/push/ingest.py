"""Ingests pushes: admit, store the bytes, add a row to the inbox; then wait for the commit if the client asks. It normalizes nothing.

The order loses no acknowledged push: first the bytes are durable, then the inbox has the row, then the client gets its answer. A crash
in between leaves at most bytes that no row refers to; the client has no answer and sends them again.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import Connection

from chartly.connector_hub.blob_writer import store_is_away, write_blob
from chartly.connector_hub.domain import push as rules
from chartly.connector_hub.domain.inbox_bounds import Depth, InboxBounds, retry_after_s
from chartly.connector_hub.errors import (
    InboxFull,
    IngestConflict,
    PushesWaiting,
    PushTooLarge,
    PushTooManyRecords,
    SourcePaused,
    StoreBehind,
)
from chartly.connector_hub.failpoints import PushPoint
from chartly.connector_hub.metrics import HubMetrics
from chartly.connector_hub.store import SourceStore
from chartly.connector_hub.store import inbox as store
from chartly.connector_hub.store.inbox import Push
from chartly.platform.blocking import Blocking
from chartly.platform.clock import Clock
from chartly.platform.config import Limits
from chartly.platform.errors import FieldViolation, InvalidRequest, RemoteError
from chartly.platform.failpoints import reached
from chartly.platform.identity.scope import Scope
from chartly.platform.metadata import Metadata
from chartly.platform.metadata.write_retry import write_with_retries
from chartly.platform.notification import KeyedNotifications, wait_for
from chartly.platform.retry import retrying
from chartly.platform.rpc.clients import Clients

from .admission import Admission, answered_within
from .push_sources import PushSources, ResolvedSource
from .unpacking import body_codings, unpacked_push

# Another process may store the commit, without a notification to this one. Polling with doubling pauses finds it before the client has
# waited twice as long as necessary.
_POLL_S = 0.5


class PushIngest:
    """Ingests pushes up to their answer. Used from one event loop."""

    def __init__(
        self,
        clients: Clients,
        clock: Clock,
        blocking: Blocking,
        metadata: Metadata,
        sources: SourceStore,
        metrics: HubMetrics,
        limits: Limits,
    ) -> None:
        self._clients = clients
        self._clock = clock
        self._blocking = blocking
        self._metadata = metadata
        self._sources = sources
        self._metrics = metrics
        self._limits = limits
        self._bounds = InboxBounds.of(limits)
        self._directory = PushSources(clients)
        self._admission = Admission(
            limits.pushes_storing_max, limits.pushes_waiting_max, limits.push_bytes_in_memory_max, limits.push_wait_s
        )
        self.landed: Callable[[Push], None] = lambda _: None
        """Called for each push that is in the inbox."""
        self.committed = KeyedNotifications()
        """Notifies, by work key, when a push was committed or put back."""

    async def source(self, scope: Scope, source_id: str) -> ResolvedSource:
        """Return the source, if it accepts pushes at the moment.

        Raises:
            SourceUnknown, SourceNotPush: the project has no push source of this name.
            SourcePaused: the source is paused.
        """
        known = await self._directory.get(scope, source_id)
        row = await self._sources.get(scope.name, source_id)
        if row is None or row.connector_hash != known.frozen.hash:
            row = await self._sources.seen(scope.name, source_id, known.frozen.ref, known.frozen.hash)
        if row.paused:
            raise SourcePaused(source_id)
        return known

    def bytes_max(self, known: ResolvedSource) -> int:
        """Return the most bytes of one push to a source."""
        return min(known.source.payload_bytes_max, self._limits.payload_bytes_max)

    async def unpack(self, known: ResolvedSource, body: bytes, content_encoding: str) -> bytes:
        """Undo the content codings of a push.

        Few bodies are unpacked at once, by the threads that do blocking work. Each is counted with what it unpacks to right afterwards.

        Raises:
            InvalidRequest: a coding is unknown, or the body is broken; nothing of it is taken.
            PushTooLarge: it unpacks to more than the source or the installation allows.
        """
        codings = body_codings(content_encoding)
        return await self._blocking.run(unpacked_push, known.source.source_id, body, codings, self.bytes_max(known)) if codings else body

    async def push(
        self, scope: Scope, known: ResolvedSource, body: bytes, content_type: str, idempotency_key: str = ""
    ) -> tuple[Push, bool]:
        """Ingest one push; return it, and whether it is new.

        Raises:
            InvalidRequest: the body is empty, or its content type isn't JSON.
            PushTooLarge, PushTooManyRecords: it is larger than the source or the installation allows.
            IngestConflict: the key was used with other bytes.
            PushesWaiting, InboxFull, StoreBehind: retry later; nothing was stored.
        """
        source_id = known.source.source_id
        media = self._check(known, body, content_type)
        try:
            async with self._admission.slot(len(body)):
                return await self._push(scope, source_id, body, media, content_type, idempotency_key)
        except (PushesWaiting, InboxFull) as refused:
            self._metrics.refused(refused.reason)
            raise

    async def push_with_retries(self, scope: Scope, known: ResolvedSource, body: bytes, content_type: str, key: str) -> tuple[Push, bool]:
        """Ingest one push of a stream as ``push`` does, and retry it here when the hub is full, which slows the stream."""
        ends = time.monotonic() + self._limits.push_commit_wait_s

        def retries(failure: Exception) -> bool:
            return isinstance(failure, (PushesWaiting, InboxFull, StoreBehind)) and time.monotonic() + (failure.retry_after_s or 0) < ends

        async for attempt in retrying(retries=retries):
            with attempt:
                async with self.in_time():
                    return await self.push(scope, known, body, content_type, key)
        raise AssertionError  # the attempts end with a result or with an error

    @asynccontextmanager
    async def in_time(self) -> AsyncGenerator[None]:
        """Bound how long a push may take from its arrival, including waits for a slot, a thread or the store.

        Raises:
            StoreBehind: it took longer.
        """
        try:
            async with answered_within(self._limits.push_answer_s):
                yield
        except StoreBehind as late:
            self._metrics.refused(late.reason)
            raise

    async def wait_committed(self, push: Push) -> Push:
        """Wait until a push is committed, or for as long as a client may wait; return it in its state then."""
        ends, pause_s = time.monotonic() + self._limits.push_commit_wait_s, _POLL_S
        with self.committed.subscribe(push.work_key) as notified:
            while push.state != store.COMMITTED:
                notified.clear()
                push = await self._metadata.read(store.find, push.project, push.source_id, push.key) or push
                left_s = ends - time.monotonic()
                if push.state == store.COMMITTED or left_s <= 0:
                    break
                await wait_for(notified, min(left_s, pause_s))
                pause_s *= 2
        return push

    def _check(self, known: ResolvedSource, body: bytes, content_type: str) -> str:
        media = rules.media_type(content_type)
        if not media:
            rule = "must be application/x-ndjson or application/json: it decides how the body is split into records"
            raise InvalidRequest(violations=(FieldViolation("body.content_type", rule),))
        if not body or body.isspace():
            raise InvalidRequest(violations=(FieldViolation("body", "must hold at least one record"),))
        bytes_max = self.bytes_max(known)
        if len(body) > bytes_max:
            raise PushTooLarge(known.source.source_id, bytes_max)
        return media

    async def _push(
        self, scope: Scope, source_id: str, body: bytes, media: str, content_type: str, idempotency_key: str
    ) -> tuple[Push, bool]:
        digest, records = await self._blocking.run(_read, body, media)
        if records > self._limits.chunk_records_max:
            raise PushTooManyRecords(source_id, self._limits.chunk_records_max)
        key = rules.key_of(idempotency_key, digest)

        def look(connection: Connection) -> tuple[Push | None, Depth]:
            return store.find(connection, scope.name, source_id, key), store.depth(connection, scope.name, source_id)

        known, depth = await self._metadata.read(look)
        if known is not None:
            return _same(known, digest), False
        depth.check(len(body), self._bounds)
        await asyncio.sleep(depth.delay_s(self._bounds))
        try:
            raw = await write_blob(self._clients, body, content_type or media, source_id, self._limits.push_wait_s)
        except RemoteError as refused:
            if not store_is_away(refused):
                raise
            raise StoreBehind(refused.remote_message, retry_after_s=retry_after_s()) from refused
        reached(PushPoint.PUSH_DURABLE)
        made = Push(
            project=scope.name,
            source_id=source_id,
            key=key,
            work_key=rules.work_key(scope.name, source_id, key),
            sha256=raw.sha256,
            raw=raw.SerializeToString(),
            size_bytes=len(body),
            records=records,
            landed_at_ms=int(self._clock.now().timestamp() * 1000),
        )
        landed, is_new = await write_with_retries(
            self._metadata, lambda connection: store.land(connection, self._metadata, made, self._bounds)
        )
        reached(PushPoint.PUSH_LANDED)
        if is_new:
            self._metrics.pushed(len(body))
            self.landed(landed)
        return _same(landed, digest), is_new


def _read(body: bytes, media: str) -> tuple[str, int]:
    return hashlib.sha256(body).hexdigest(), rules.count_records(body, media)


def _same(push: Push, digest: str) -> Push:
    if push.sha256 != digest:
        raise IngestConflict(push.source_id)
    return push
