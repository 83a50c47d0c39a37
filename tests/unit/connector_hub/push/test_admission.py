"""Admission of pushes: bounds on stored, waiting and long-waiting pushes."""

import asyncio

import pytest

from chartly.connector_hub.errors import PushesWaiting, StoreBehind
from chartly.connector_hub.push.admission import Admission, answered_within
from chartly.platform.config import Limits

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
    """A push beyond the bound of bytes is refused, but a lone push is admitted at any size."""
    admission = Admission(storing_max=2, pushes_max=9, bytes_max=100, wait_s=_FOREVER_S)
    async with admission.slot(500):
        with pytest.raises(PushesWaiting) as refused:
            async with admission.slot(1):
                raise AssertionError("let in above the bound")
    assert refused.value.unit == "bytes"


async def test_push_is_refused_after_its_time() -> None:
    """A push that waits for longer than push_answer_s is refused with a time to retry."""
    with pytest.raises(StoreBehind) as refused:
        async with answered_within(Limits(push_answer_s=1).push_answer_s):
            await asyncio.Event().wait()
    assert refused.value.retry_after_s


async def test_push_within_its_time_is_not_changed() -> None:
    """A block that ends in time returns, or raises its own error."""
    async with answered_within(_FOREVER_S):
        pass
    with pytest.raises(ValueError, match="its own"):
        async with answered_within(_FOREVER_S):
            raise ValueError("its own")
