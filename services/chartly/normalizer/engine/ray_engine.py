"""Run plans on Ray through a driver in a process of its own, since Ray ends the driver's process when the cluster is lost.

While there is no cluster, calls are refused at once, readiness has the reason, and the driver is started again and again.
"""

import asyncio
import contextlib
import itertools
import sys
from dataclasses import dataclass, field

from chartly.normalizer.chunk import Chunk, WrittenFiles
from chartly.normalizer.errors import EngineAway, EngineFailed
from chartly.platform.errors import ChartlyError
from chartly.platform.retry import pause_s
from chartly.platform.supervisor import dying_with_us
from chartly.platform.telemetry.log import Logger

from . import ray_frames as frames
from .base import Shard
from .ray_actors import RayOptions

# The driver's own waits are shorter: it ends a cluster on this machine within 40 s.
_STOP_S_MAX = 60.0
_PAUSE_S, _PAUSE_S_MAX = 0.5, 10.0
# A new driver joins its cluster within seconds.
_RETRY_S = 5.0
_ENDED = "the Ray driver's process ended"


@dataclass(eq=False, slots=True)
class _Driver:
    """One driver's process."""

    process: asyncio.subprocess.Process
    requests: asyncio.StreamWriter
    answers: asyncio.StreamReader
    pending: dict[int, asyncio.Future[WrittenFiles]] = field(default_factory=dict[int, "asyncio.Future[WrittenFiles]"])

    async def ready(self) -> None:
        """Wait until it has joined the cluster; raise its error if it can't."""
        try:
            _, problem = await frames.read_answer(self.answers)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise EngineFailed(_ENDED) from None
        if problem is not None:
            raise problem

    async def serve(self) -> str:
        """Pass answers to the calls until the driver ends, and return why it ended."""
        while True:
            try:
                number, answer = await frames.read_answer(self.answers)
            except (asyncio.IncompleteReadError, ConnectionError):
                return _ENDED
            if number == frames.CLUSTER:
                return answer.message
            call = self.pending.get(number)
            if call is None or call.done():
                continue  # its caller is gone
            if isinstance(answer, ChartlyError):
                call.set_exception(answer)
            else:
                call.set_result(answer)

    async def end(self, wait_s: float) -> None:
        """Let it end: it does so when its input ends. Kill it after the wait."""
        self.requests.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.wait(), wait_s)
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


class RayEngine:
    """Runs chunks on Ray actors, each with at most ``pending_max`` calls waiting. Use it from one event loop."""

    def __init__(self, options: RayOptions, logger: Logger) -> None:
        self._options = options
        self._logger = logger
        self._numbers = itertools.count(frames.CLUSTER + 1)
        self._driver: _Driver | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._problem = "The Ray driver has not started"

    @property
    def problem(self) -> str:
        """Why no chunk can run at the moment; empty if one can."""
        return "" if self._driver is not None else f"{self._problem}. It is tried again until the cluster answers."

    async def start(self) -> None:
        """Start the driver, which joins the cluster.

        Raises:
            ClusterUnreachable: there is no cluster at the address.
            EngineFailed: the driver ended, or the cluster on this machine was not ready in time.
        """
        driver = await self._started()
        self._keeping = asyncio.create_task(self._keep(driver), name="ray-driver")

    async def run(self, shard: Shard, chunk: Chunk, raw: bytes | bytearray) -> WrittenFiles:
        """Run one chunk on its shard's actor."""
        driver = self._driver
        if driver is None:
            raise EngineAway(self._problem, retry_after_s=_RETRY_S)
        number = next(self._numbers)
        answer: asyncio.Future[WrittenFiles] = asyncio.get_running_loop().create_future()
        driver.pending[number] = answer
        try:
            driver.requests.write(frames.pack((number, shard.worker(self._options.actors), chunk), len(raw)))
            driver.requests.write(raw)
            # A broken pipe is noticed by the reader of the answers, which fails this call with the reason.
            with contextlib.suppress(ConnectionError):
                await driver.requests.drain()
            return await answer
        finally:
            del driver.pending[number]
            if answer.done() and not answer.cancelled():
                answer.exception()  # seen, also if the caller was cancelled

    async def stop(self) -> None:
        """End the driver, and the cluster if it started one."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
            self._keeping = None
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.end(_STOP_S_MAX)

    async def _started(self) -> _Driver:
        """Return a driver that has joined the cluster."""
        process = await asyncio.create_subprocess_exec(
            *dying_with_us([sys.executable, "-m", "chartly.normalizer.engine.ray_driver"]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Ctrl-C at the terminal reaches only this process, which finishes running chunks first.
            start_new_session=True,
        )
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes
        driver = _Driver(process, process.stdin, process.stdout)
        try:
            driver.requests.write(frames.pack(self._options))
            await driver.ready()
        except BaseException:
            # Also when the start is cancelled: a driver that joins a cluster can't be interrupted otherwise.
            await driver.end(0)
            raise
        self._driver = driver
        return driver

    async def _keep(self, driver: _Driver) -> None:
        """Start another driver whenever one ends."""
        while True:
            try:
                problem = await driver.serve()
            except asyncio.CancelledError:
                raise
            except Exception as failure:  # noqa: BLE001 - such as an answer beyond its bound; another driver may do better
                problem = type(failure).__name__
            self._lose(driver, problem)
            await driver.end(0)
            driver = await self._again()

    def _lose(self, driver: _Driver, problem: str) -> None:
        self._driver, self._problem = None, problem
        self._logger.error("ray driver lost", problem=problem, calls=len(driver.pending))
        for call in driver.pending.values():
            if not call.done():
                call.set_exception(EngineAway(problem, retry_after_s=_RETRY_S))

    async def _again(self) -> _Driver:
        for failures in itertools.count(1):
            await asyncio.sleep(pause_s(failures, _PAUSE_S_MAX, wait_s=_PAUSE_S))
            try:
                driver = await self._started()
            except (ChartlyError, OSError) as failure:
                self._problem = failure.message if isinstance(failure, ChartlyError) else type(failure).__name__
                self._logger.warning("ray driver not started", problem=self._problem, failures=failures)
            else:
                self._logger.info("ray driver started", failures=failures)
                return driver
        raise AssertionError  # the count has no end
