"""Background tasks of a service."""

import asyncio

import pytest

from chartly.platform.background import Background
from chartly.platform.errors import RemoteError
from chartly.platform.telemetry.log import Logger


@pytest.mark.parametrize("failure", [RuntimeError("a bug"), RemoteError("storage", 3, "INVALID_REQUEST", "refused"), OSError(28, "full")])
async def test_loop_survives_every_error(failure: Exception) -> None:
    """A loop that raises runs again, also after an error that no call would be retried for."""
    background, ran = Background(Logger("test")), asyncio.Semaphore(0)

    async def once() -> None:
        ran.release()
        raise failure

    background.start("loop", once)
    async with asyncio.timeout(10):
        for _ in range(3):
            await ran.acquire()
    await background.stop()


async def test_loop_that_succeeds_pauses_nowhere() -> None:
    """A loop without failures runs a thousand times in a second, and a failure after a success begins with the shortest pause."""
    background, ran, failed = Background(Logger("test")), 0, asyncio.Event()
    loop = asyncio.get_running_loop()

    async def once() -> None:
        nonlocal ran
        ran += 1
        await asyncio.sleep(0)
        if ran % 500 == 0:
            failed.set()
            raise RuntimeError

    began = loop.time()
    background.start("loop", once)
    while ran < 1_000:  # noqa: ASYNC110 - the loop under test must not be disturbed
        await asyncio.sleep(0.01)
    await background.stop()
    assert failed.is_set()
    assert loop.time() - began < 5


async def test_stop_ends_a_loop_that_waits_or_fails() -> None:
    """A stop ends loops during their work and during their pause."""
    background = Background(Logger("test"))

    async def waits() -> None:
        await asyncio.Event().wait()

    async def fails() -> None:
        raise RuntimeError

    background.start("waits", waits)
    background.start("fails", fails)
    await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        await background.stop()
