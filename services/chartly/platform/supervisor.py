"""A child process that is watched: restarted with backoff when it dies, stopped by its pid, never left behind. It knows no Envoy.

On Linux the kernel itself kills the child when we die (PR_SET_PDEATHSIG), so even kill -9 of the parent leaves no orphan.
"""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .errors import Unavailable, error
from .telemetry.log import Logger

_PR_SET_PDEATHSIG = 1
_BACKOFF_FIRST_S = 0.2
_BACKOFF_MAX_S = 10.0
# A child that lived this long is taken for healthy: the next death starts the backoff anew.
_STEADY_S = 30.0


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
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The running child's pid."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Start the child and watch it from now on."""
        self._process = await self._spawn()
        self._watch = asyncio.create_task(self._keep_alive(), name=f"supervise-{self.name}")

    def check(self) -> None:
        """Raise when the child is not running; for whoever waits for it to become ready.

        Raises:
            ChildDied: it ended; its log says why.
        """
        if self._process is not None and self._process.returncode is not None:
            raise ChildDied(self.name, self._process.returncode, str(self._log))

    async def stop(self) -> None:
        """End the child: SIGTERM, then SIGKILL after the grace. Idempotent."""
        if self._watch:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), self._grace_s)
        except TimeoutError:
            self._logger.warning("child killed", child=self.name, pid=process.pid, grace_s=self._grace_s)
            process.kill()
            await process.wait()

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C at the terminal goes to us; we tell the child when it is due.
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            )

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        backoff_s = _BACKOFF_FIRST_S
        while True:
            started = loop.time()
            assert self._process is not None  # noqa: S101 - start() made it
            code = await self._process.wait()
            if loop.time() - started > _STEADY_S:
                backoff_s = _BACKOFF_FIRST_S
            self._logger.error("child died", child=self.name, exit_code=code, restart_in_s=backoff_s, log=str(self._log))
            await asyncio.sleep(backoff_s)
            backoff_s = min(backoff_s * 2, _BACKOFF_MAX_S)
            self._process = await self._spawn()
            self.restarts += 1


def _die_with_parent() -> Callable[[], None] | None:
    """Give what the child runs before exec: ask the kernel for SIGTERM when the parent dies. Loads nothing after the fork."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            # The parent died between fork and prctl.
            os._exit(1)

    return ask
