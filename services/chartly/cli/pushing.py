"""Push a file to a source: divide it, send a few pieces at a time, retry when the platform is full, and say where it stopped.

The bytes of a piece are its idempotency key, so a piece is sent again safely when its answer was lost.
"""

import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

from chartly.platform.errors import ChartlyError, InvalidArgument, RemoteError, error
from chartly.platform.json.lines import Cutter, LineTooLong

from .connection import Connection, EdgeUnreachable
from .failure import FileUnreadable
from .file_format import LOOKED_AT_BYTES, check_lines
from .output import console

NDJSON, JSON = "application/x-ndjson", "application/json"
_READ_BYTES = 1024 * 1024
_LINE_BYTES_MAX = 16 * 1024 * 1024
# The server's default bound of a push: limits.chunk_records_max.
_PIECE_RECORDS_MAX = 200_000
_PAUSE_S, _PAUSE_S_MAX = 0.5, 15.0
# HTTP statuses after which a piece is sent again: too many requests, or an edge or service that is unavailable.
_RETRIED_STATUSES = frozenset({408, 429, 502, 503, 504})
COUNTS = ("canonical", "duplicates", "quarantined", "replayed")


@error(reason="INVALID_REQUEST")
class PieceRefused(InvalidArgument):
    """The file can't be divided into pieces at this place."""

    path: str
    byte: int
    rule: str


@error(reason="SERVICE_UNAVAILABLE")
class PushStopped(ChartlyError):
    """The push stopped. All bytes before this one are stored; continue with --from-byte."""

    from_byte: int
    cause: str


@error(reason="DEADLINE_EXCEEDED")
class NotCommitted(ChartlyError):
    """The records are stored, but no run has committed them yet. Check that a workflow with this source runs."""

    waited_s: int


def content_type_of(file: str) -> str:
    """Return the content type by the file's name; standard input is NDJSON."""
    return JSON if file.endswith(".json") else NDJSON


def size_of(file: str) -> int | None:
    """Return a file's size in bytes; None for standard input.

    Raises:
        FileUnreadable: the file does not exist.
    """
    if file == "-":
        return None
    try:
        return Path(file).stat().st_size
    except OSError as refused:
        raise FileUnreadable(file, refused.strerror or type(refused).__name__) from refused


def pieces(file: str, source_id: str, piece_bytes: int, from_byte: int) -> Iterator[bytes]:
    """Yield the pieces of a file from a line's start; a JSON text is one piece.

    Raises:
        FileUnreadable: the file can't be read.
        NotNdjson: the file has another format; ``source_id`` stands in the command that pushes it.
        PieceRefused: ``from_byte`` is not the start of a line, or a line is longer than a push may be.
    """
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as source:
            _go_to(source, file, from_byte)
            if content_type_of(file) == JSON:
                yield source.read()
                return
            cutter, read = Cutter(piece_bytes, _LINE_BYTES_MAX, _PIECE_RECORDS_MAX), from_byte
            while data := source.read(_READ_BYTES):
                if not read:
                    check_lines(data[:LOOKED_AT_BYTES], file, source_id)
                read += len(data)
                try:
                    yield from cutter.feed(data)
                except LineTooLong as long:
                    raise PieceRefused(file, read, f"a line may have at most {_LINE_BYTES_MAX} bytes") from long
            yield from (rest for rest in cutter.rest() if rest.strip())
    except OSError as refused:
        raise FileUnreadable(file, refused.strerror or type(refused).__name__) from refused


def _go_to(source: IO[bytes], file: str, from_byte: int) -> None:
    if not from_byte:
        return
    if file == "-" or content_type_of(file) == JSON:
        raise PieceRefused(file, from_byte, "--from-byte works for NDJSON only: a JSON file is one push")
    source.seek(from_byte - 1)
    if source.read(1) != b"\n":
        raise PieceRefused(file, from_byte, "no line begins at this byte; use the byte that the earlier push printed")


class Pusher:
    """Sends pieces to one source in their order, several at a time."""

    def __init__(self, edge: Connection, source: str, content_type: str, *, wait: bool, parallel: int, patience_s: float) -> None:
        self._edge = edge
        self._path = f"/v1/sources/{source}:ingest"
        self._content_type = content_type
        self._wait = wait
        self._parallel = parallel
        self._patience_s = patience_s

    def push(self, found: Iterable[bytes], from_byte: int, size_bytes: int | None) -> dict[str, int]:
        """Push all pieces and return the totals.

        Raises:
            PushStopped: a piece was refused, or not accepted in time; has the byte to continue from.
        """
        totals: dict[str, int] = dict.fromkeys(("pieces", "bytes", "records", "repeated", *(COUNTS if self._wait else ())), 0)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeElapsedColumn())
        under_way: deque[tuple[int, Future[dict[str, Any]]]] = deque()
        with (
            Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown,
            ThreadPoolExecutor(self._parallel) as pool,
        ):
            bar = shown.add_task("pushing", total=size_bytes, completed=from_byte)

            def settle() -> None:
                size, answer = under_way[0][0], self._answer(under_way[0][1], from_byte + totals["bytes"], pool)
                under_way.popleft()
                _add(totals, size, answer)
                shown.update(bar, advance=size)

            for piece in found:
                under_way.append((len(piece), pool.submit(self._send, piece)))
                if len(under_way) > self._parallel:
                    settle()
            while under_way:
                settle()
        return totals

    def _answer(self, sent: "Future[dict[str, Any]]", byte: int, pool: ThreadPoolExecutor) -> dict[str, Any]:
        try:
            return sent.result()
        except (RemoteError, EdgeUnreachable) as refused:
            pool.shutdown(wait=False, cancel_futures=True)
            if isinstance(refused, RemoteError) and refused.violations:
                raise
            raise PushStopped(byte, refused.message) from refused

    def _send(self, piece: bytes) -> dict[str, Any]:
        """Send one piece until it is stored, and with ``wait`` until it is committed."""
        ends, pause_s = time.monotonic() + self._patience_s, _PAUSE_S
        while True:
            wait_s = pause_s
            try:
                answer = self._edge.post_bytes(self._path, piece, self._content_type, wait="committed" if self._wait else "durable")
                if not self._wait or answer["state"] == "committed":
                    return answer
                wait_s = 0.0
            except EdgeUnreachable:
                if time.monotonic() >= ends:
                    raise
            except RemoteError as refused:
                if refused.remote_code not in _RETRIED_STATUSES or time.monotonic() >= ends:
                    raise
                wait_s = refused.retry_after_s or pause_s
            if time.monotonic() >= ends:
                raise NotCommitted(int(self._patience_s))
            time.sleep(min(wait_s, max(0.0, ends - time.monotonic())))
            pause_s = min(pause_s * 2, _PAUSE_S_MAX)


def _add(totals: dict[str, int], size: int, answer: dict[str, Any]) -> None:
    more = {"pieces": 1, "bytes": size, "records": int(answer["records_received"]), "repeated": int(answer["repeated"])}
    counts: dict[str, str] = answer.get("counts") or {}
    more |= {name: int(counts.get(name, 0)) for name in COUNTS if name in totals}
    for name, number in more.items():
        totals[name] += number
