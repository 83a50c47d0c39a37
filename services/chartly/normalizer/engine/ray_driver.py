"""The process of the Ray driver: reads requests on standard input, answers on standard output. Only ``RayEngine`` starts it.

Ray ends its driver's process when the cluster is lost. Here that ends no service: the engine starts this process again.
"""

import asyncio
import os
import sys
from typing import Any, BinaryIO

from chartly.normalizer.errors import ClusterUnreachable, EngineFailed
from chartly.platform.errors import ChartlyError

from . import ray_frames as frames
from .ray_actors import RayActors, RayOptions
from .ray_cluster import listens

# Seconds between two looks at the cluster. After so many in a row without an answer it is lost.
_LOOK_S = 1.0
_MISSED_MAX = 3


class Driver:
    """Answers requests while the cluster answers."""

    def __init__(self, options: RayOptions, answers: BinaryIO) -> None:
        self._options = options
        self._answers = answers
        self._actors = RayActors(options)

    def run(self) -> None:
        """Join the cluster and serve until the host closes the pipe; the cluster on this machine ends with it."""
        try:
            self._actors.start()
        except ChartlyError as failure:
            self._answer(frames.CLUSTER, failure)
            return
        except Exception as failure:  # noqa: BLE001 - of Ray; the host reports it and starts another process
            self._answer(frames.CLUSTER, EngineFailed(f"the Ray cluster was not joined: {type(failure).__name__}"))
            return
        self._answer(frames.CLUSTER, None)
        asyncio.run(self._serve())
        self._actors.stop()

    async def _serve(self) -> None:
        watch = asyncio.create_task(self._watch(self._actors.address()))
        running: set[asyncio.Task[None]] = set()
        while (request := await asyncio.to_thread(frames.read_request, sys.stdin.buffer)) is not None:
            (number, worker, chunk), raw = request
            task = asyncio.create_task(self._run(number, worker, chunk, raw))
            running.add(task)
            task.add_done_callback(running.discard)
        watch.cancel()

    async def _run(self, number: int, worker: int, chunk: Any, raw: bytes) -> None:
        try:
            answer: object = await self._actors.run(worker, chunk, raw)
        except ChartlyError as failure:
            answer = failure
        except Exception as failure:  # noqa: BLE001 - the host reports it, and this process goes on
            answer = EngineFailed(type(failure).__name__)
        self._answer(number, answer)

    async def _watch(self, address: str) -> None:
        """End this process when the cluster is lost. Ray would wait for a minute, and leave all calls without an answer."""
        missed = 0
        while missed < _MISSED_MAX:
            await asyncio.sleep(_LOOK_S)
            missed = 0 if await asyncio.to_thread(listens, address) else missed + 1
        self._answer(frames.CLUSTER, ClusterUnreachable(self._options.address or address))
        # Ray's own end would wait for the lost cluster.
        os._exit(1)

    def _answer(self, number: int, answer: object) -> None:
        try:
            frame = frames.pack_answer((number, answer))
        except frames.FrameTooLarge:
            frame = frames.pack_answer((number, EngineFailed("the answer is too large")))
        try:
            self._answers.write(frame)
            self._answers.flush()
        except BrokenPipeError:
            os._exit(1)  # the host is gone, so nobody waits


def main() -> None:
    """Serve until the host closes the pipe."""
    # Output of libraries must not mix with the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    first = frames.read_request(sys.stdin.buffer)
    if first is not None:
        Driver(first[0], answers).run()


if __name__ == "__main__":
    main()
