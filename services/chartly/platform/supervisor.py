"""Supervise a child process: restart it with backoff when it dies, stop it by its pid, leave no orphan.

On Linux the kernel ends the child when this process dies (PR_SET_PDEATHSIG), so even kill -9 of the parent leaves no orphan. A small
launcher requests that and then becomes the child, since Python code must not run between fork and exec in a process with threads and gRPC.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import Unavailable, error
from .telemetry.log import Logger

# 1 is PR_SET_PDEATHSIG, 15 SIGTERM. The check of the parent's pid detects a parent that died before the call.
_BECOME = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""
_LAUNCHER = (sys.executable, "-I", "-S", "-c", _BECOME)
# Seconds between two checks of the child.
_POLL_S = 0.1
_BACKOFF_FIRST_S = 0.2
_BACKOFF_MAX_S = 10.0
# A child that lived this long counts as healthy: its next death starts with the shortest backoff.
_STEADY_S = 30.0


def dying_with_us(command: Sequence[str]) -> list[str]:
    """Return a command that runs ``command`` in a process which gets SIGTERM when this process dies in any way (on Linux).

    The kernel watches the starting thread, so start it from a thread that lives as long as the process.
    """
    return [*_LAUNCHER, str(os.getpid()), *command]


@error(reason="SERVICE_UNAVAILABLE")
class ChildDied(Unavailable):
    """A required process ended before it was ready."""

    name: str
    exit_code: int
    log: str


class Child:
    """One supervised process. Use it from one event loop."""

    def __init__(self, name: str, command: Sequence[str], log: Path, logger: Logger, grace_s: float) -> None:
        self.name = name
        self._command = command
        self._log = log
        self._logger = logger
        self._grace_s = grace_s
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: asyncio.Task[None] | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The running child's pid."""
        return self._process.pid if self._process and self._process.poll() is None else None

    async def start(self) -> None:
        """Start the child and supervise it."""
        self._process = self._spawn()
        self._watch = asyncio.create_task(self._keep_alive(), name=f"supervise-{self.name}")

    def check(self) -> None:
        """Raise if the child ended by itself. For a caller that waits until it is ready. A killed child is restarted.

        Raises:
            ChildDied: the child ended by itself; its log has the cause.
        """
        code = self._process.poll() if self._process else None
        if code is not None and code >= 0:
            raise ChildDied(self.name, code, str(self._log))

    async def stop(self) -> None:
        """End the child: SIGTERM, then SIGKILL after the grace. Idempotent."""
        if self._watch:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(self._ended(process), self._grace_s)
        except TimeoutError:
            self._logger.warning("child killed", child=self.name, pid=process.pid, grace_s=self._grace_s)
            process.kill()
            await self._ended(process)

    def _spawn(self) -> "subprocess.Popen[bytes]":
        self._log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own command line, no shell
                dying_with_us(self._command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C at the terminal reaches only this process, which then stops the child.
                start_new_session=True,
            )

    async def _ended(self, process: "subprocess.Popen[bytes]") -> int:
        while (code := process.poll()) is None:  # noqa: ASYNC110 - not every system notifies about a process' end
            await asyncio.sleep(_POLL_S)
        return code

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        backoff_s = _BACKOFF_FIRST_S
        while True:
            started = loop.time()
            assert self._process is not None  # noqa: S101 - start() made it
            code = await self._ended(self._process)
            if loop.time() - started > _STEADY_S:
                backoff_s = _BACKOFF_FIRST_S
            self._logger.error("child died", child=self.name, exit_code=code, restart_in_s=backoff_s, log=str(self._log))
            await asyncio.sleep(backoff_s)
            backoff_s = min(backoff_s * 2, _BACKOFF_MAX_S)
            try:
                self._process = self._spawn()
            except OSError as failure:
                # Such as a full disk or too many processes. The loop finds the dead child once more, and waits longer.
                self._logger.error("child not restarted", child=self.name, exception=failure)  # noqa: TRY400 - our logger's error takes it
            else:
                self.restarts += 1
