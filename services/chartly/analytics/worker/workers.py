"""The parent's side: starts a few children on demand, ends them at a deadline or when idle. It knows no SQL.

Used from one event loop.
"""

import asyncio
import contextlib
import itertools
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import orjson

from chartly.analytics import errors
from chartly.analytics.errors import QueriesWaiting, QueryLimit, WorkerLost
from chartly.platform.config import Limits
from chartly.platform.errors import ChartlyError
from chartly.platform.telemetry.log import Logger

from . import frames

# An idle child ends after this long, which frees its memory; the next query waits about half a second for a start.
_IDLE_S = 20.0
# Added to a query's seconds: the start of a child and the first load of its libraries.
_START_S = 20.0
# Bytes that a sort may write to disk, as a multiple of a query's memory.
_SPILL_FACTOR = 8


class WorkerFault(Exception):
    """The child raised an unexpected error; its message is for the log."""


class Workers:
    """At most ``query_workers_max`` children, each with one task at a time. Their spilled files lie below one folder.

    Args:
        limits: bounds of a query and of how many there are.
        logger: of the service.
        spill: the folder for what doesn't fit into memory; this process's alone, emptied now and by ``close``.
    """

    def __init__(self, limits: Limits, logger: Logger, spill: Path) -> None:
        self._limits = limits
        self._logger = logger
        self._spill = spill
        self._names = itertools.count()
        self._folders: dict[asyncio.subprocess.Process, Path] = {}
        shutil.rmtree(spill, ignore_errors=True)
        self._idle: list[asyncio.subprocess.Process] = []
        self._running: set[asyncio.subprocess.Process] = set()
        self._free = asyncio.Semaphore(limits.query_workers_max)
        self._waiting = 0
        self._ends: dict[asyncio.subprocess.Process, asyncio.TimerHandle] = {}

    async def run(self, task: str, message: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Run a task in a child.

        Raises:
            QueriesWaiting: too many wait already.
            QueryLimit: it took longer than ``query_s_max``; the child is ended.
            WorkerLost: the child died.
            QueryRefused, ChartInvalid, …: what the task says.
        """
        if self._waiting >= self._limits.query_waiting_max:
            raise QueriesWaiting(self._limits.query_waiting_max)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            return await self._run(task, message)
        finally:
            self._free.release()

    async def close(self) -> None:
        """End all children."""
        for timer in self._ends.values():
            timer.cancel()
        self._ends.clear()
        for child in (*self._idle, *self._running):
            await self._end(child)
        self._idle.clear()
        shutil.rmtree(self._spill, ignore_errors=True)

    async def _run(self, task: str, message: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        memory = self._limits.query_memory_bytes_max
        bounds = {"memory_bytes_max": memory, "spill_bytes_max": memory * _SPILL_FACTOR}
        child, fresh = await self._child()
        self._running.add(child)
        answered = False
        try:
            async with asyncio.timeout(self._limits.query_s_max + (_START_S if fresh else 0)):
                answer, content = await _ask(child, frames.pack({**message, **bounds, "task": task}))
            answered = True
        except TimeoutError:
            raise QueryLimit("query_s_max", self._limits.query_s_max) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerLost from None
        finally:
            self._running.discard(child)
            # Also when the caller is gone: a child in the middle of a task cannot take another one.
            if answered:
                self._keep(child)
            else:
                await self._end(child)
        if "error" in answer:
            raise _error(answer)
        return answer, content

    async def _child(self) -> tuple[asyncio.subprocess.Process, bool]:
        while self._idle:
            child = self._idle.pop()
            self._ends.pop(child).cancel()
            if child.returncode is None:
                return child, False
            self._clear(child)
        folder = self._spill / str(next(self._names))
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "chartly.analytics.worker",
            folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=frames.BYTES_MAX,
            # Only where to find programs and modules: no secret, no configuration. The child runs the same code as its parent.
            env={name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME", "TMPDIR") if name in os.environ},
            start_new_session=True,
        )
        self._folders[child] = folder
        return child, True

    def _keep(self, child: asyncio.subprocess.Process) -> None:
        self._idle.append(child)
        loop = asyncio.get_running_loop()
        self._ends[child] = loop.call_later(_IDLE_S, self._retire, child)

    def _retire(self, child: asyncio.subprocess.Process) -> None:
        self._ends.pop(child, None)
        if child in self._idle:
            self._idle.remove(child)
            if child.stdin is not None:
                # The child ends when its input ends. An idle child has nothing left in its folder.
                child.stdin.close()
            self._clear(child)

    async def _end(self, child: asyncio.subprocess.Process) -> None:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        self._clear(child)

    def _clear(self, child: asyncio.subprocess.Process) -> None:
        if (folder := self._folders.pop(child, None)) is not None:
            shutil.rmtree(folder, ignore_errors=True)


async def _ask(child: asyncio.subprocess.Process, frame: bytes) -> tuple[dict[str, Any], bytes]:
    if child.stdin is None or child.stdout is None:
        raise WorkerLost
    child.stdin.write(frame)
    await child.stdin.drain()
    text_bytes, content_bytes = frames.HEAD.unpack(await child.stdout.readexactly(frames.HEAD.size))
    text = await child.stdout.readexactly(text_bytes)
    return orjson.loads(text), await child.stdout.readexactly(content_bytes)


def _error(answer: dict[str, Any]) -> Exception:
    kind = getattr(errors, answer["error"], None) if answer["error"] else None
    if isinstance(kind, type) and issubclass(kind, ChartlyError):
        return kind(**answer["facts"])
    return WorkerFault(answer.get("problem", ""))
