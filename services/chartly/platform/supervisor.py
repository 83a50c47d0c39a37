"""A child process that is watched: restarted with backoff when it dies, stopped by its pid, never left behind. It knows no Envoy.

On Linux the kernel itself ends the child when we die (PR_SET_PDEATHSIG), so even kill -9 of the parent leaves no orphan. A launcher asks
for that and then becomes the child: code between fork and exec of a process with threads and gRPC is no place for Python.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import Unavailable, error
from .telemetry.log import Logger

# 1 is PR_SET_PDEATHSIG, 15 SIGTERM. A parent that died before the call is noticed by its pid.
_BECOME = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 15, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""
_LAUNCHER = (sys.executable, "-I", "-S", "-c", _BECOME)
# How soon a death is noticed.
_POLL_S = 0.1
_BACKOFF_FIRST_S = 0.2
_BACKOFF_MAX_S = 10.0
# A child that lived this long is taken for healthy: the next death starts the backoff anew.
_STEADY_S = 30.0


def dying_with_us(command: Sequence[str]) -> list[str]:
    """Give a command that is ``command`` in a process which gets SIGTERM when this one dies, however it dies (on Linux).

    The kernel watches the thread that starts it, so start it from one that lives as long as the process.
    """
    return [*_LAUNCHER, str(os.getpid()), *command]


@error(reason="SERVICE_UNAVAILABLE")
class ChildDied(Unavailable):
    """A process that is needed ended before it was ready."""

    name: str
    exit_code: int
    log: str


class Child:
    """One supervised process. Used from one event loop only."""

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
        """Start the child and watch it from now on."""
        self._process = self._spawn()
        self._watch = asyncio.create_task(self._keep_alive(), name=f"supervise-{self.name}")

    def check(self) -> None:
        """Raise when the child has given up; for whoever waits for it to become ready. One that was killed is started again meanwhile.

        Raises:
            ChildDied: it ended by itself; its log says why.
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
                # Ctrl-C at the terminal goes to us; we tell the child when it is due.
                start_new_session=True,
            )

    async def _ended(self, process: "subprocess.Popen[bytes]") -> int:
        while (code := process.poll()) is None:  # noqa: ASYNC110 - not every system tells of a process' end
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
            self._process = self._spawn()
            self.restarts += 1
