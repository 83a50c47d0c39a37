"""The bounded thread pool."""

import asyncio
import threading
from contextlib import suppress

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


async def test_cancelled_waiting_call_is_not_run() -> None:
    """A call that is cancelled while it waits for a thread never runs, and makes room for another at once."""
    blocking, hold, ran = Blocking(1, 1), threading.Event(), list[str]()
    running = asyncio.create_task(blocking.run(hold.wait))
    waiting = asyncio.create_task(blocking.run(ran.append, "cancelled"))
    await asyncio.sleep(0)

    waiting.cancel()
    await asyncio.wait([waiting])
    next_one = asyncio.create_task(blocking.run(ran.append, "next"))
    await asyncio.sleep(0)
    hold.set()
    await asyncio.gather(running, next_one)
    blocking.close()

    assert waiting.cancelled()
    assert ran == ["next"]


async def test_cancelled_call_counts_until_its_function_ends() -> None:
    """A function runs to its end although its caller was cancelled; until then its thread is not free, and the bound counts it."""
    blocking, began, hold, ran = Blocking(1, 0), threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        began.set()
        hold.wait()
        ran.append("work")

    cancelled = asyncio.create_task(blocking.run(work))
    await asyncio.to_thread(began.wait)
    cancelled.cancel()
    await asyncio.wait([cancelled])

    assert cancelled.cancelled()
    try:
        with pytest.raises(BlockingQueueFull):
            await asyncio.wait_for(blocking.run(ran.append, "refused"), 1)
    finally:
        hold.set()
    async with asyncio.timeout(10):
        while "next" not in ran:
            with suppress(BlockingQueueFull):
                await blocking.run(ran.append, "next")
            await asyncio.sleep(0.001)
    blocking.close()
    assert ran == ["work", "next"]


async def test_waiting_calls_run_in_their_order() -> None:
    """Calls that wait for a thread get it first come, first served."""
    blocking, hold, ran = Blocking(1, 10), threading.Event(), list[int]()
    running = asyncio.create_task(blocking.run(hold.wait))
    calls = [asyncio.create_task(blocking.run(ran.append, number)) for number in range(5)]
    await asyncio.sleep(0)
    hold.set()
    await asyncio.gather(running, *calls)
    blocking.close()
    assert ran == [0, 1, 2, 3, 4]


async def test_error_arrives() -> None:
    """An error of the function is raised to its caller."""
    blocking = Blocking(1, 1)
    with pytest.raises(ZeroDivisionError):
        await blocking.run(lambda: 1 / 0)
    blocking.close()
