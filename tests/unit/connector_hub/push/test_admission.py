"""How pushes are let in: few at a time, few waiting, none for longer than it may take."""

import asyncio

import pytest

from chartly.connector_hub.errors import PushesWaiting, StoreBehind
from chartly.connector_hub.push.admission import Admission, answered_within

_FOREVER_S = 3600.0


async def test_more_pushes_than_may_wait_are_refused() -> None:
    """A push above the bounds of stored and waiting pushes is refused at once with a time to retry; later pushes are admitted."""
    admission = Admission(storing_max=1, pushes_max=2, bytes_max=1_000, wait_s=_FOREVER_S)
    entered: list[int] = []

    async def push(number: int) -> None:
        async with admission.slot(10):
            entered.append(number)

    async with admission.slot(10):
        waits = asyncio.create_task(push(1))
        await asyncio.sleep(0)
        assert admission.held == 2
        with pytest.raises(PushesWaiting) as refused:
            await push(2)
        assert refused.value.retry_after_s
        assert refused.value.unit == "pushes"
    await waits
    await push(3)
    assert entered == [1, 3]
    assert admission.held == 0


async def test_more_bytes_than_may_be_held_are_refused() -> None:
    """Bytes are bounded too, but a lone push enters whatever its size."""
    admission = Admission(storing_max=2, pushes_max=9, bytes_max=100, wait_s=_FOREVER_S)
    async with admission.slot(500):
        with pytest.raises(PushesWaiting) as refused:
            async with admission.slot(1):
                raise AssertionError("let in above the bound")
    assert refused.value.unit == "bytes"


async def test_whatever_takes_too_long_is_told_to_come_back() -> None:
    """A push that waits past its bound ends as a refusal with a time, whatever it waited for."""
    with pytest.raises(StoreBehind) as refused:
        async with answered_within(0):
            await asyncio.Event().wait()
    assert refused.value.retry_after_s


async def test_what_is_in_time_is_left_alone() -> None:
    """A block that ends in time gives and raises what it gives and raises."""
    async with answered_within(_FOREVER_S):
        pass
    with pytest.raises(ValueError, match="its own"):
        async with answered_within(_FOREVER_S):
            raise ValueError("its own")
