"""The bounded thread pool."""

import asyncio
import threading

import pytest

from chartly.platform.blocking import Blocking, BlockingQueueFull
from chartly.platform.identity.scope import Scope, current_scope, scoped


async def test_function_runs_under_the_callers_scope() -> None:
    """A function on a thread has its caller's scope."""
    blocking = Blocking(1, 1)
    with scoped(Scope("user:ada", "t", "p")):
        assert (await blocking.run(current_scope)).principal == "user:ada"
    blocking.close()


async def test_one_more_than_fits_is_refused_at_once() -> None:
    """A call above the bound is refused at once; after a call ends the next one is accepted."""
    blocking, hold = Blocking(1, 1), threading.Event()
    under_way = [asyncio.create_task(blocking.run(hold.wait)) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(BlockingQueueFull):
        await blocking.run(hold.wait)

    hold.set()
    await asyncio.gather(*under_way)
    assert await blocking.run(lambda: 7) == 7
    blocking.close()


async def test_error_arrives() -> None:
    """An error of the function is raised to its caller."""
    blocking = Blocking(1, 1)
    with pytest.raises(ZeroDivisionError):
        await blocking.run(lambda: 1 / 0)
    blocking.close()
