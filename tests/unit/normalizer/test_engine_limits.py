"""The bound of chunks that wait for an engine."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest

from chartly.normalizer.engine.choose import engine_from
from chartly.normalizer.errors import EngineBusy
from chartly.platform.blocking import Blocking
from chartly.platform.config import Config
from chartly.platform.telemetry.log import Logger


async def test_engine_refuses_the_chunk_after_its_bound(make_config: Callable[..., Config]) -> None:
    """One chunk runs and chunks_waiting_max others wait; the next one is refused at once."""
    blocking, hold = Blocking(1, 10), threading.Event()
    busy = asyncio.create_task(blocking.run(hold.wait))
    engine = engine_from(make_config(normalizer__threads=1, limits__chunks_waiting_max=1), blocking, Logger("test"))
    # The only thread is busy, so no chunk is looked at.
    chunk: Any = cast("Any", None)
    accepted = [asyncio.create_task(engine.run(chunk, chunk, b"")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(EngineBusy):
        await engine.run(chunk, chunk, b"")
    for task in accepted:
        task.cancel()
    await asyncio.gather(*accepted, return_exceptions=True)
    hold.set()
    await busy
    blocking.close()
