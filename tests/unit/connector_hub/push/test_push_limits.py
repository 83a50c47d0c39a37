"""The configured limits on pushes, each at its bound."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from chartly.connector_hub.domain.inbox_bounds import Depth, InboxBounds
from chartly.connector_hub.errors import InboxFull, PushesWaiting
from chartly.connector_hub.push.admission import Admission
from chartly.platform.config import Limits


def admission(**changes: int) -> Admission:
    """Return an admission with the configured limits."""
    limits = Limits(**changes)
    return Admission(limits.pushes_storing_max, limits.pushes_waiting_max, limits.push_bytes_in_memory_max, limits.push_wait_s)


@pytest.mark.parametrize(
    ("limit", "level", "unit"),
    [
        ("inbox_items_max", "all", "items"),
        ("inbox_tenant_items_max", "tenant", "items"),
        ("inbox_source_items_max", "source", "items"),
        ("inbox_bytes_max", "all", "bytes"),
        ("inbox_tenant_bytes_max", "tenant", "bytes"),
        ("inbox_source_bytes_max", "source", "bytes"),
    ],
)
def test_inbox_limit_holds_exactly(limit: str, level: str, unit: str) -> None:
    """A push that fills the inbox to the limit lands; the next one is refused with level, unit and the limit's value."""
    bounds = InboxBounds.of(Limits(**{limit: 4}))
    three, four = Depth(3, 3, 3, 3, 3, 3), Depth(4, 4, 4, 4, 4, 4)

    three.check(1, bounds)
    with pytest.raises(InboxFull) as refused:
        four.check(1, bounds)

    assert (refused.value.level, refused.value.unit, refused.value.most) == (level, unit, 4)


async def test_pushes_waiting_max_bounds_the_pushes_in_memory() -> None:
    """Two pushes are admitted where two may be, and a third is refused."""
    two = admission(pushes_waiting_max=2)
    async with two.slot(1), two.slot(1):
        with pytest.raises(PushesWaiting) as refused:
            await two.slot(1).__aenter__()
    assert (refused.value.unit, refused.value.most) == ("pushes", 2)


async def test_push_bytes_in_memory_max_bounds_their_bytes() -> None:
    """Pushes of ten bytes together are admitted where ten may be, and one byte more is refused."""
    ten = admission(push_bytes_in_memory_max=10)
    async with ten.slot(6), ten.slot(4):
        with pytest.raises(PushesWaiting) as refused:
            await ten.slot(1).__aenter__()
    assert (refused.value.unit, refused.value.most) == ("bytes", 10)


async def test_pushes_storing_max_bounds_the_pushes_that_are_stored_at_once() -> None:
    """Three of four pushes hold a slot where three may; the fourth gets one when one is free."""
    three = admission(pushes_storing_max=3)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(three.slot(1))
        async with three.slot(1):
            fourth = asyncio.create_task(stack.enter_async_context(three.slot(1)))
            for _ in range(10):
                await asyncio.sleep(0)
            assert not fourth.done()
        async with asyncio.timeout(5):
            await fourth
