"""Slots that bound concurrent requests."""

import asyncio

from chartly.connector_hub.upstream.request_slots import RequestSlots


async def hold(slots: RequestSlots, key: str, slots_max: int, release: asyncio.Event, order: list[str], name: str) -> None:
    """Hold a slot until it is released, and record when it was acquired."""
    async with slots.hold(key, slots_max):
        order.append(name)
        await release.wait()


async def settle() -> None:
    """Run every task until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_as_many_as_the_bound_hold_a_slot_and_the_next_waits() -> None:
    """With two slots a third task waits until one is free."""
    slots, order, release = RequestSlots(), list[str](), [asyncio.Event() for _ in range(3)]
    tasks = [asyncio.create_task(hold(slots, "a", 2, event, order, f"{number}")) for number, event in enumerate(release)]
    await settle()
    assert order == ["0", "1"]
    release[1].set()
    await settle()
    assert order == ["0", "1", "2"]
    for event in release:
        event.set()
    await asyncio.gather(*tasks)


async def test_keys_have_slots_of_their_own() -> None:
    """A key without a free slot delays no other key."""
    slots, order, release = RequestSlots(), list[str](), asyncio.Event()
    tasks = [asyncio.create_task(hold(slots, key, 1, release, order, key)) for key in ("a", "a", "b")]
    await settle()
    assert order == ["a", "b"]
    release.set()
    await asyncio.gather(*tasks)


async def test_cancelled_waiter_takes_no_slot() -> None:
    """The slot of a cancelled waiter goes to the next one."""
    slots, order, release = RequestSlots(), list[str](), asyncio.Event()
    first, cancelled, last = (asyncio.create_task(hold(slots, "a", 1, release, order, name)) for name in ("first", "cancelled", "last"))
    await settle()
    cancelled.cancel()
    release.set()
    await asyncio.gather(first, cancelled, last, return_exceptions=True)
    assert order == ["first", "last"]
